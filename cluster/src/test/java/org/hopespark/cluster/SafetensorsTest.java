package org.hopespark.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    an array                | [1,2]                                                       | f is not a safetensors file: its header does not begin with {
                    a number                | 17                                                          | f is not a safetensors file: its header does not begin with {
                    null                    | null                                                        | f is not a safetensors file: its header does not begin with {
                    blanks                  | `    `                                                      | f is not a safetensors file: its header does not begin with {
                    not JSON                | {w}                                                         | f: the header is not valid JSON
                    two objects             | {}{}                                                        | f: there is more behind the header's object
                    no object               | {"w":7}                                                     | f: w is no object
                    nothing                 | {"w":{}}                                                    | f: w must have dtype and shape
                    no offsets              | {"w":{"dtype":"U8","shape":[1]}}                            | f: w must have two data_offsets
                    three offsets           | {"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}}     | f: w must have two data_offsets
                    unknown field           | {"w":{"dtype":"U8","shape":[1],"offsets":[0,1]}}            | f: w has the unknown field offsets
                    unknown type            | {"w":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}      | f: tensor w is of the unknown dtype F31
                    type is a number        | {"w":{"dtype":8,"shape":[1],"data_offsets":[0,1]}}          | f: w must have one dtype, a text
                    shape is a number       | {"w":{"dtype":"U8","shape":1,"data_offsets":[0,1]}}         | f: w.shape is no list
                    shape negative          | {"w":{"dtype":"F32","shape":[-2,-2],"data_offsets":[0,16]}} | f: w.shape must hold whole numbers
                    shape of floats         | {"w":{"dtype":"F32","shape":[1e3],"data_offsets":[0,4]}}    | f: w.shape must hold whole numbers
                    shape of texts          | {"w":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}    | f: w.shape must hold whole numbers
                    shape over 2^63         | {"w":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}   | f: w.shape must hold whole numbers
                    elements overflow       | {"w":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}} | f: tensor w of shape [4611686018427387904, 4] has more than 2^63 bits
                    bits overflow           | {"w":{"dtype":"F32","shape":[576460752303423488],"data_offsets":[0,4]}}    | has more than 2^63 bits
                    too few bytes           | {"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}      | f: tensor w, F32 of shape [2], has 64 bits, and 4 bytes in the file
                    too many bytes          | {"w":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}      | f: tensor w, F32 of shape [1], has 32 bits, and 8 bytes in the file
                    half a byte             | {"w":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}}       | f: tensor w, F4 of shape [3], has 12 bits, and 1 bytes in the file
                    backwards               | {"w":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}      | f: tensor w lies at 4..0, expected to start at 0
                    behind the end of all   | {"w":{"dtype":"F32","shape":[1],"data_offsets":[0,9223372036854775807]}}   | has 32 bits, and 9223372036854775807 bytes in the file
                    a hole at the start     | {"w":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}       | f: tensor w lies at 1..2, expected to start at 0
                    a hole                  | {"v":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"w":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}} | f: tensor w lies at 2..3, expected to start at 1
                    an overlap              | {"v":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"w":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}} | f: tensor w lies at 1..3, expected to start at 2
                    one name twice          | {"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"w":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}} | f: w is there twice
                    metadata twice          | {"__metadata__":{},"__metadata__":{}}                       | f: __metadata__ is there twice
                    metadata of numbers     | {"__metadata__":{"step":7}}                                 | f: __metadata__.step is no text
                    a run of other length   | {"w[5:9]":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}  | f: tensor w[5:9] has 3 elements
                    a run backwards         | {"w[9:5]":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}  | f: tensor w[9:5] has 4 elements
                    """)
    void aHeaderThatIsNoneIsRefusedInWords(String what, String header, String message) {
        assertThatThrownBy(() -> read(header)).isInstanceOf(IOException.class).hasMessageContaining(message);
    }

    @Test
    void aHeaderThatIsCutOrTooLongIsRefused() {
        assertThatThrownBy(() -> read(new byte[3]))
                .isInstanceOf(IOException.class)
                .hasMessage("f is not a safetensors file: it has 3 bytes");
        assertThatThrownBy(() -> read(file(99_000_000, "{}")))
                .isInstanceOf(IOException.class)
                .hasMessage("f is not a safetensors file: it ends after 2 of the 99000000 bytes of its header");
        for (long length : new long[] {0, 1, 100_000_001, Long.MAX_VALUE, -1}) {
            assertThatThrownBy(() -> read(file(length, "{}")))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith(
                            "f is not a safetensors file: a header of " + Long.toUnsignedString(length) + " bytes");
        }
        assertThatThrownBy(() -> read("{\"w\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}"))
                .isInstanceOf(IOException.class);
    }

    @Test
    void theOrderOfNamesIsFreeAndEmptyTensorsTakeNoRoom() throws IOException {
        assertThat(read("""
                {"b":{"dtype":"F32","shape":[2,1],"data_offsets":[4,12]},
                 "__metadata__":{"format":"pt"},
                 "none":{"dtype":"F32","shape":[0,3],"data_offsets":[4,4]},
                 "a[5:9]":{"dtype":"I8","shape":[4],"data_offsets":[0,4]},
                 "scalar":{"dtype":"F64","shape":[],"data_offsets":[12,20]}}   \
                """))
                .containsExactly(
                        new Safetensors.Entry("a", "I8", List.of(4L), 5, 9, 4),
                        new Safetensors.Entry("none", "F32", List.of(0L, 3L), 0, 0, 0),
                        new Safetensors.Entry("b", "F32", List.of(2L, 1L), 0, 2, 8),
                        new Safetensors.Entry("scalar", "F64", List.of(), 0, 1, 8));
        assertThat(read("{}")).isEmpty();
    }

    private static List<Safetensors.Entry> read(String header) throws IOException {
        return read(file(header.getBytes(StandardCharsets.UTF_8).length, header));
    }

    private static List<Safetensors.Entry> read(byte[] file) throws IOException {
        return Safetensors.readHeader(new ByteArrayInputStream(file), "f");
    }

    private static byte[] file(long length, String header) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .array());
        file.write(header.getBytes(StandardCharsets.UTF_8));
        return file.toByteArray();
    }
}
