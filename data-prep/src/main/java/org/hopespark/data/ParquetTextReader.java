package org.hopespark.data;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.InitContext;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;

/**
 * A Parquet file with a column of texts; with columns source and metadata, as a step of the corpus pipeline writes
 * them, too.
 */
final class ParquetTextReader implements DocumentReader {
    private final InputFile file;
    private final boolean hasId;
    private final boolean isDocument;
    private final ParquetReader<Group> reader;
    private final long rows;
    private long row;

    ParquetTextReader(InputFile file, Storage storage) {
        this.file = file;
        Path path = new Path(file.path());
        Configuration configuration = storage.configuration(path);
        storage.requireInput(path);
        try (ParquetFileReader footer = ParquetFileReader.open(HadoopInputFile.fromPath(path, configuration))) {
            MessageType schema = footer.getFileMetaData().getSchema();
            rows = footer.getRecordCount();
            if (!hasTexts(schema, file.textColumn())) {
                throw CorruptInputException.rest(
                        file.path(),
                        "no column of texts '" + file.textColumn()
                                + "' (--text-column, or text-column of the input, names another); its columns: "
                                + String.join(", ", names(schema)),
                        rows,
                        null);
            }
            hasId = schema.containsField(file.idColumn())
                    && schema.getType(file.idColumn()).isPrimitive()
                    && !schema.getType(file.idColumn()).isRepetition(Repetition.REPEATED);
            isDocument = schema.containsField(DocumentWriter.SOURCE)
                    && isBinary(schema.getType(DocumentWriter.SOURCE))
                    && schema.containsField(DocumentWriter.METADATA)
                    && isMapOfTexts(schema.getType(DocumentWriter.METADATA));
            Set<String> columns = new LinkedHashSet<>(List.of(file.textColumn()));
            if (hasId) {
                columns.add(file.idColumn());
            }
            if (isDocument) {
                columns.add(DocumentWriter.SOURCE);
                columns.add(DocumentWriter.METADATA);
            }
            List<Type> read = columns.stream().map(schema::getType).toList();
            reader = ParquetReader.builder(new Columns(new MessageType(schema.getName(), read)), path)
                    .withConf(configuration)
                    .usePageChecksumVerification()
                    .build();
        } catch (CorruptInputException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw Texts.unreadable(file.path(), e);
        }
    }

    /** Reads some columns. Those of {@link GroupReadSupport} go through a text form that has no room for odd names. */
    private static final class Columns extends GroupReadSupport {
        private final MessageType columns;

        Columns(MessageType columns) {
            this.columns = columns;
        }

        @Override
        public ReadContext init(InitContext context) {
            return new ReadContext(columns);
        }
    }

    /** The columns that a file has, read from its footer, where none of them holds its texts; empty where one does. */
    static List<String> columnsOtherThanText(InputFile file, Storage storage) {
        Path path = new Path(file.path());
        storage.requireInput(path);
        try (ParquetFileReader footer =
                ParquetFileReader.open(HadoopInputFile.fromPath(path, storage.configuration(path)))) {
            MessageType schema = footer.getFileMetaData().getSchema();
            return hasTexts(schema, file.textColumn()) ? List.of() : names(schema);
        } catch (IOException | RuntimeException e) {
            throw Texts.unreadable(file.path(), e);
        }
    }

    private static boolean hasTexts(MessageType schema, String column) {
        return schema.containsField(column) && isBinary(schema.getType(column));
    }

    private static List<String> names(MessageType schema) {
        return schema.getFields().stream().map(Type::getName).toList();
    }

    private static boolean isBinary(Type type) {
        return type.isPrimitive()
                && type.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BINARY
                && !type.isRepetition(Repetition.REPEATED);
    }

    private static boolean isMapOfTexts(Type type) {
        if (!(type.getLogicalTypeAnnotation() instanceof LogicalTypeAnnotation.MapLogicalTypeAnnotation)
                || type.asGroupType().getType(0).isPrimitive()) {
            return false;
        }
        GroupType entry = type.asGroupType().getType(0).asGroupType();
        return entry.getFieldCount() == 2 && isBinary(entry.getType(0)) && isBinary(entry.getType(1));
    }

    @Override
    public Optional<Document> next() {
        row++;
        String place = file.path() + ", row " + row;
        Group group;
        try {
            group = reader.read();
        } catch (IOException | RuntimeException e) {
            throw Texts.unreadable(place, rows - row + 1, e);
        }
        if (group == null) {
            return Optional.empty();
        }
        if (!has(group, file.textColumn())) {
            throw CorruptInputException.row(
                    place,
                    "no text in column '" + file.textColumn()
                            + "' (--text-column, or text-column of the input, names another)");
        }
        for (Type column : group.getType().getFields()) {
            if (bytes(group, column.getName()) > Texts.MAX_BYTES) {
                throw Texts.tooLong(
                        column.getName().equals(file.textColumn()) ? place : place + ", column " + column.getName());
            }
        }
        String text = Texts.decode(place, group.getBinary(file.textColumn(), 0).getBytes());
        String id = hasId && has(group, file.idColumn())
                ? group.getValueToString(group.getType().getFieldIndex(file.idColumn()), 0)
                : Long.toString(row);
        return Optional.of(
                isDocument && has(group, DocumentWriter.SOURCE)
                        ? new Document(id, text, group.getString(DocumentWriter.SOURCE, 0), metadata(group))
                        : new Document(id, text, file.name()));
    }

    /** Bytes of all texts of a column, before any of them is copied. */
    private static long bytes(Group group, String column) {
        Type type = group.getType().getType(column);
        long bytes = 0;
        for (int i = 0; i < group.getFieldRepetitionCount(column); i++) {
            if (!type.isPrimitive()) {
                Group inner = group.getGroup(column, i);
                for (Type field : type.asGroupType().getFields()) {
                    bytes += bytes(inner, field.getName());
                }
            } else if (type.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BINARY) {
                bytes += group.getBinary(column, i).length();
            }
        }
        return bytes;
    }

    static SortedMap<String, String> metadata(Group document) {
        SortedMap<String, String> metadata = new TreeMap<>();
        if (!has(document, DocumentWriter.METADATA)) {
            return metadata;
        }
        Group map = document.getGroup(DocumentWriter.METADATA, 0);
        for (int i = 0; i < map.getFieldRepetitionCount(0); i++) {
            Group entry = map.getGroup(0, i);
            if (entry.getFieldRepetitionCount(0) > 0 && entry.getFieldRepetitionCount(1) > 0) {
                metadata.put(entry.getString(0, 0), entry.getString(1, 0));
            }
        }
        return metadata;
    }

    private static boolean has(Group row, String column) {
        return row.getFieldRepetitionCount(column) > 0;
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
