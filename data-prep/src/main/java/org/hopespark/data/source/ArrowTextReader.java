package org.hopespark.data.source;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.ValueVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.util.Text;
import org.hopespark.data.io.Storage;

/**
 * A stream of Arrow record batches, as Hugging Face's library saves data sets and keeps them in its cache. The id of a
 * row without one is its number.
 */
final class ArrowTextReader implements RowReader {
    /** How the other format of Arrow begins, which needs to be read from its end. */
    private static final byte[] FILE_MAGIC = {'A', 'R', 'R', 'O', 'W', '1'};

    /** A continuation mark and a message of no bytes. */
    private static final long END = 0xFFFFFFFF00000000L;

    /** Of one batch, whose length its file gives. */
    private static final long MAX_BATCH_BYTES = 1L << 30;

    private final InputFile file;
    private final RowText texts;
    private final BufferAllocator memory = new RootAllocator(MAX_BATCH_BYTES);
    private final ArrowStreamReader reader;
    private final VectorSchemaRoot batch;
    private final Last in;
    private int at;
    private boolean ended;
    private long number;

    ArrowTextReader(InputFile file, Storage storage) {
        this.file = file;
        texts = new RowText(file);
        in = new Last(new BufferedInputStream(Texts.open(file, storage), 1 << 16));
        reader = new ArrowStreamReader(in, memory);
        try {
            requireStream();
            batch = reader.getVectorSchemaRoot();
        } catch (IOException | RuntimeException e) {
            close();
            throw e instanceof CorruptInputException known ? known : Texts.unreadable(file.path(), e);
        }
    }

    private void requireStream() throws IOException {
        in.mark(FILE_MAGIC.length);
        if (Arrays.equals(in.readNBytes(FILE_MAGIC.length), FILE_MAGIC)) {
            throw CorruptInputException.file(
                    file.path(),
                    "a file of Arrow's random access format, of which only the streaming format is read: write it as"
                            + " Parquet, or with pyarrow.ipc.new_stream",
                    null);
        }
        in.reset();
    }

    @Override
    public Optional<Document> next() {
        if (!advance()) {
            return Optional.empty();
        }
        int row = at++;
        String id = value(file.input().idColumn(), row).orElse(Long.toString(number));
        return Optional.of(texts.document(
                place(),
                column -> text(column, row),
                texts.columns().contains(file.input().idColumn()) ? Long.toString(number) : id));
    }

    /** To the next row, which may be in the next batch; false at the end. */
    private boolean advance() {
        number++;
        try {
            while (at >= batch.getRowCount()) {
                at = 0;
                if (!reader.loadNextBatch()) {
                    requireEnd();
                    return false;
                }
            }
            return true;
        } catch (IOException | RuntimeException e) {
            throw Texts.unreadable(place(), e);
        }
    }

    private void requireEnd() {
        if (!ended && in.last != END) {
            ended = true;
            throw CorruptInputException.file(place(), "truncated (the mark of the stream's end is missing)", null);
        }
    }

    /** Remembers the last bytes that were read. */
    private static final class Last extends FilterInputStream {
        private long last;

        Last(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int b = super.read();
            last = b < 0 ? last : last << Byte.SIZE | b;
            return b;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int n = super.read(into, offset, length);
            for (int i = Math.max(0, n - Long.BYTES); i < n; i++) {
                last = last << Byte.SIZE | Byte.toUnsignedInt(into[offset + i]);
            }
            return n;
        }
    }

    private Optional<String> text(String column, int row) {
        return texts.joins()
                ? value(column, row)
                : vector(column, row)
                        .filter(vector -> vector.getObject(row) instanceof Text)
                        .flatMap(vector -> value(column, row));
    }

    private Optional<String> value(String column, int row) {
        Optional<ValueVector> vector = vector(column, row);
        if (vector.isEmpty()) {
            return Optional.empty();
        }
        Object value = vector.get().getObject(row);
        if (value instanceof Text text) {
            if (text.getLength() > Texts.MAX_BYTES) {
                throw Texts.tooLong(place());
            }
            return Optional.of(Texts.decode(
                    place() + ", column " + column,
                    Arrays.copyOf(text.getBytes(), Math.toIntExact(text.getLength())))); // a long since Arrow 13
        }
        return value instanceof Number || value instanceof Boolean ? Optional.of(value.toString()) : Optional.empty();
    }

    /** The vector of a column whose value in a row is not null. */
    private Optional<ValueVector> vector(String column, int row) {
        return vector(batch.getFieldVectors(), column, row);
    }

    private static Optional<ValueVector> vector(List<FieldVector> vectors, String column, int row) {
        for (FieldVector vector : vectors) {
            if (vector.getName().equals(column)) {
                return vector.isNull(row) ? Optional.empty() : Optional.of(vector);
            }
        }
        for (FieldVector vector : vectors) {
            if (vector instanceof StructVector struct
                    && column.startsWith(vector.getName() + ".")
                    && !struct.isNull(row)) {
                return vector(
                        struct.getChildrenFromFields(),
                        column.substring(vector.getName().length() + 1),
                        row);
            }
        }
        return Optional.empty();
    }

    @Override
    public Optional<Map<String, Boolean>> nextColumns() {
        Map<String, Boolean> columns = new LinkedHashMap<>();
        columns("", batch.getSchema().getFields(), columns);
        return Optional.of(columns);
    }

    private void columns(String prefix, List<Field> fields, Map<String, Boolean> columns) {
        for (Field field : fields) {
            String name = prefix + field.getName();
            if (texts.joins() || isText(field) || !texts.columns().contains(name)) {
                columns.put(name, prefix.isEmpty());
            }
            if (field.getType() instanceof ArrowType.Struct) {
                columns(name + ".", field.getChildren(), columns);
            }
        }
    }

    /** Of any of the types of texts; older versions of the library do not know all of them. */
    private static boolean isText(Field field) {
        return field.getType().getTypeID().name().contains("Utf8");
    }

    private String place() {
        return file.path() + ", row " + number;
    }

    @Override
    public void close() {
        try {
            reader.close();
        } catch (IOException | RuntimeException e) {
            throw Texts.unreadable(file.path(), e);
        } finally {
            memory.close();
        }
    }
}
