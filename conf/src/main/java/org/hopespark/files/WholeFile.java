package org.hopespark.files;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.UnsupportedFileSystemException;

/**
 * Writes a small file such that a reader, and whoever comes after a crash or a loss of power, finds the old content or
 * the new one, and never a part.
 *
 * <p>The content goes to a temporary file beside it, is forced to the disk and renamed in one step, on a local disk
 * together with its folder. An object store, which has no such rename, shows a file when all of it is there.
 */
public final class WholeFile {
    private WholeFile() {}

    /**
     * The file system of a path, without the checksums that Hadoop keeps of local files: their {@code .crc} files lie
     * beside the user's, and nothing that is written with them can be appended to, seen before it is closed, or forced
     * to the disk.
     */
    public static FileSystem system(Path path, Configuration hadoop) throws IOException {
        return raw(path.getFileSystem(hadoop));
    }

    private static FileSystem raw(FileSystem files) {
        return files instanceof LocalFileSystem local ? local.getRawFileSystem() : files;
    }

    /** Writes or replaces a file; makes its folder. */
    public static void write(FileSystem system, Path path, byte[] content) throws IOException {
        FileSystem files = raw(system);
        makeFolder(files, path.getParent());
        if (renamesInPlace(files, path)) {
            Path temporary = new Path(path.getParent(), "." + path.getName() + "." + UUID.randomUUID() + ".temporary");
            try {
                create(files, temporary, content);
                replace(files, temporary, path);
            } catch (IOException e) {
                files.delete(temporary, false);
                throw e;
            }
        } else {
            create(files, path, content);
        }
    }

    /**
     * Gives a file that was written under another name its own, replacing what is there; makes its folder. Its content
     * is forced to a local disk first.
     */
    public static void publish(FileSystem system, Path temporary, Path path) throws IOException {
        FileSystem files = raw(system);
        makeFolder(files, path.getParent());
        syncFile(files, temporary);
        if (renamesInPlace(files, path)) {
            replace(files, temporary, path);
        } else {
            files.delete(path, false);
            rename(files, temporary, path);
        }
    }

    /** Forces what was written to a file so far to the disk, where the file system can. */
    public static void sync(FileSystem system, Path file, FSDataOutputStream out) throws IOException {
        if (out.hasCapability(StreamCapabilities.HSYNC)) {
            out.hsync();
        } else {
            // Hadoop forces no local file to the disk that was opened for more
            out.flush();
            syncFile(system, file);
        }
    }

    /** Forces a file that is written to a local disk. */
    public static void syncFile(FileSystem system, Path file) throws IOException {
        FileSystem files = raw(system);
        if (files instanceof LocalDisk disk) {
            disk.syncFile(file);
        } else if (isLocal(files)) {
            force(file, StandardOpenOption.WRITE);
        }
    }

    /** Makes a folder with those above it; on a local disk they are not lost with what will be in them. */
    public static void makeFolder(FileSystem system, Path folder) throws IOException {
        FileSystem files = raw(system);
        Deque<Path> missing = new ArrayDeque<>();
        for (Path each = folder; each != null && isLocal(files) && !files.exists(each); each = each.getParent()) {
            missing.push(each);
        }
        files.mkdirs(folder);
        for (Path made : missing) {
            syncFolder(files, made.getParent());
        }
    }

    /** Forces to a local disk which files a folder has, without which a new file can be lost with its content. */
    public static void syncFolder(FileSystem system, Path folder) throws IOException {
        FileSystem files = raw(system);
        if (files instanceof LocalDisk disk) {
            disk.syncFolder(folder);
        } else if (isLocal(files) && File.separatorChar == '/') { // Windows opens no folders
            force(folder, StandardOpenOption.READ);
        }
    }

    private static void force(Path path, StandardOpenOption option) throws IOException {
        try (FileChannel channel =
                FileChannel.open(java.nio.file.Path.of(path.toUri().getPath()), option)) {
            channel.force(true);
        }
    }

    /** Whether a file shows only when its stream is closed, and nothing can be renamed in one step. */
    public static boolean isObjectStore(FileSystem system, Path path) throws IOException {
        return !renamesInPlace(raw(system), path);
    }

    private static void create(FileSystem files, Path path, byte[] content) throws IOException {
        try (FSDataOutputStream out = files.create(path, true)) {
            out.write(content);
            sync(files, path, out);
        }
    }

    private static void replace(FileSystem files, Path from, Path to) throws IOException {
        if (isLocal(files)) {
            if (files.exists(to) && files.getFileStatus(to).isDirectory()) {
                throw new IOException(to + " is a folder: remove it, a file belongs there");
            }
            // Hadoop would compare the new content with the checksums of the old one
            files.delete(new Path(to.getParent(), "." + to.getName() + ".crc"), false);
            rename(files, from, to);
            syncFolder(files, to.getParent());
            return;
        }
        try {
            FileContext.getFileContext(files.getUri(), files.getConf())
                    .rename(files.makeQualified(from), files.makeQualified(to), Options.Rename.OVERWRITE);
        } catch (UnsupportedFileSystemException e) {
            // without a file context nothing can be replaced in one step
            files.delete(to, false);
            rename(files, from, to);
        }
    }

    private static void rename(FileSystem files, Path from, Path to) throws IOException {
        if (!files.rename(from, to)) {
            throw new IOException("could not rename " + from + " to " + to);
        }
    }

    private static boolean isLocal(FileSystem files) {
        return files instanceof LocalDisk || "file".equals(files.getUri().getScheme());
    }

    // what cannot append has no files that grow, and a rename there is a copy
    private static boolean renamesInPlace(FileSystem files, Path path) throws IOException {
        return isLocal(files) || files.hasPathCapability(path, CommonPathCapabilities.FS_APPEND);
    }
}
