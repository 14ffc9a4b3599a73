package org.hopespark.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.Charset;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HtmlTextTest {
    private static String text(String html, String charset) {
        return HtmlText.of("x.html", html.getBytes(Charset.forName(charset)), Optional.empty());
    }

    @Test
    void aPageThatWouldTakeGigabytesIsRefusedAndOneOfTwelveMegabytesIsRead() {
        assertThat(text("<div>".repeat(2_400_000) + "deep", "UTF-8")).isEqualTo("deep");
        assertThatThrownBy(() -> text("<i a=b>".repeat(4_000_000), "UTF-8"))
                .isInstanceOf(CorruptInputException.class)
                .hasMessageContaining("x.html: a page of 28000000 bytes with 8000000 tags and attributes, which takes"
                        + " about 1136 MiB to read, 1024 are allowed");
    }

    @ParameterizedTest
    @CsvSource({
        "latin1, windows-1252, “don’t” – café €",
        "iso-8859-1, windows-1252, “don’t” – café €",
        "us-ascii, windows-1252, “don’t” – café €",
        "iso-8859-9, windows-1254, İstanbul’da",
        "gb2312, GBK, 朱镕基",
        "gbk, GB18030, 朱镕基㐀",
        "shift_jis, windows-31j, ①高",
        "euc-kr, x-windows-949, 뷁",
        "big5, Big5-HKSCS, 香港",
        "tis-620, x-windows-874, ไทย…",
        "utf-8, UTF-8, für €",
        "utf-16, UTF-8, für €",
        "no-such, UTF-8, für €",
        "no-such, windows-1252, für €",
    })
    void aDeclaredCharsetIsWhatBrowsersTakeItFor(String label, String charset, String text) {
        assertThat(text("<meta charset=\"" + label + "\"><p>" + text, charset)).isEqualTo(text);
        assertThat(text(
                        "<!-- <meta charset=big5> --><META http-equiv=Content-Type content='text/html; charset=" + label
                                + "'><p>" + text,
                        charset))
                .isEqualTo(text);
        assertThat(text("<?xml version='1.0' encoding='" + label + "'?><html><p>" + text, charset))
                .isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"UTF-8, für €", "windows-1252, don’t für €", "UTF-16, für €"})
    void aPageThatDeclaresNothingIsUtf8OrElseWindows1252(String charset, String text) {
        assertThat(text("<p>" + text, charset)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<form><h1>a</h1><input value=no><label>no</label><select><option>no</select><p>b</form> | a b",
                "<form action=/s><input name=q><div><p>never closed</div>                               | never closed",
                "<p>a<div hidden>no<p>no</div><p>b                                                      | a b",
                "<div style=\"color: red; DISPLAY : none\">no</div><p style=\"display:inline\">a             | a",
                "<body style=\"display:none\" hidden><p>a                                                 | a",
                "<p>a <math><mi>x</mi><mo>=</mo><mn>2</mn></math> b                                     | a x=2 b",
            })
    void whatAReaderSeesIsKept(String html, String text) {
        assertThat(text(html, "UTF-8").replace('\n', ' ')).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"<p>a <math><mi>x</mi></math> b | a x b", "<p>a<math display=block><mi>x</mi></math>b | a/x/b"})
    void aFormulaStandsInItsLineUnlessItIsABlock(String html, String lines) {
        assertThat(text(html, "UTF-8").replace('\n', '/')).isEqualTo(lines);
    }
}
