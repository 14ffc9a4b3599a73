import { cpSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';

const site = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const root = resolve(site, '../..');
const sources = new Set();
const folders = new Set();

/** As GitHub makes anchors of headings, so that one link works in both places. */
const slugify = (heading) =>
  heading.trim().toLowerCase().replace(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-');

/** Where a link of a page leads on the site: README.md is the index of its folder, files that are no pages are copied. */
function onSite(page, href) {
  if (/^([a-z]+:|#|\/)/.test(href)) return href;
  const [path, anchor] = href.split('#');
  const target = posix.normalize(posix.join(posix.dirname(page), decodeURI(path)));
  const hash = anchor ? `#${anchor}` : '';
  const file = join(root, target);
  if (!existsSync(file)) throw new Error(`${page}: dead link ${href}`);
  if (statSync(file).isDirectory()) {
    return existsSync(join(file, 'README.md')) ? onSite(page, posix.join(path, `README.md${hash}`)) : list(target);
  }
  if (target.endsWith('.md')) return href.replace(/README\.md/, 'index.md');
  if (/\.(png|svg)$/.test(target)) return href;
  sources.add(target);
  return `/sources/${target}.txt`;
}

/** A folder without a page is shown as the list of its files. */
function list(folder) {
  folders.add(folder);
  return `/sources/${folder}/index.txt`;
}

function links(md) {
  md.core.ruler.push('links-of-the-repository', ({ tokens, env }) => {
    const page = relative(join(site, '.pages'), env.realPath ?? env.path);
    for (const token of tokens.flatMap((block) => block.children ?? [])) {
      if (token.type === 'link_open') token.attrSet('href', onSite(page, token.attrGet('href')));
    }
  });
}

const page = (text, link) => ({ text, link });

export default defineConfig({
  title: 'Hope on Spark',
  description: 'Pretraining of Hope (Nested Learning) on Apache Spark',
  srcDir: '.pages',
  rewrites: (id) => id.replace(/README\.md$/, 'index.md'),
  cleanUrls: false,
  lastUpdated: false,
  markdown: { anchor: { slugify }, attrs: { disable: true }, config: links },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      page('Getting started', '/docs/getting-started'),
      page('Concepts', '/docs/concepts'),
      page('Commands', '/docs/reference/cli'),
      page('Settings', '/docs/reference/settings'),
    ],
    sidebar: [
      { text: 'Hope on Spark', items: [page('Overview', '/'), page('All pages', '/docs/')] },
      {
        text: 'Guides',
        items: [
          page('Getting started', '/docs/getting-started'),
          page('Your own data', '/docs/your-own-data'),
          page('On your cluster', '/docs/cluster'),
          page('Recipes for clusters', '/cluster/deploy/'),
          page('Operations', '/docs/operations'),
          page('Evaluation', '/docs/evaluation'),
          page('Continual learning', '/docs/continual-learning'),
          page('Export and import', '/docs/export'),
          page('Troubleshooting', '/docs/troubleshooting'),
          page('Concepts', '/docs/concepts'),
        ],
      },
      {
        text: 'Reference',
        items: [
          page('Commands', '/docs/reference/cli'),
          page('Settings', '/docs/reference/settings'),
          page('Mixers', '/docs/reference/mixers'),
          page('Tasks of evaluations', '/docs/reference/evaluation-tasks'),
          page('Formats', '/docs/reference/formats'),
          page('Metrics', '/docs/reference/metrics'),
          page('Fault matrix', '/docs/reference/fault-matrix'),
        ],
      },
      {
        text: 'Project',
        items: [
          page('Decisions', '/docs/adr/'),
          page('Benchmarks', '/docs/benchmarks/'),
          page('Log', '/docs/LOG'),
          page('Contributing', '/CONTRIBUTING'),
          page('This site', '/docs/site/'),
          page('Developers', '/docs/developers'),
          page('Security', '/SECURITY'),
          page('Accepted advisories', '/docs/advisories'),
          page('Changelog', '/CHANGELOG'),
        ],
      },
    ],
  },
  buildEnd({ outDir }) {
    for (const source of sources) {
      const copy = join(outDir, 'sources', `${source}.txt`);
      mkdirSync(dirname(copy), { recursive: true });
      cpSync(join(root, source), copy);
    }
    for (const folder of folders) {
      mkdirSync(join(outDir, 'sources', folder), { recursive: true });
      writeFileSync(join(outDir, 'sources', folder, 'index.txt'), readdirSync(join(root, folder)).filter((name) => name !== 'target').sort().join('\n'));
    }
  },
});
