package org.hopespark.data.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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
import org.hopespark.data.io.Storage;

/**
 * A Parquet file with a column of texts; with columns source and metadata, as a step of the corpus pipeline writes
 * them, too.
 */
public final class ParquetTextReader implements DocumentReader {
    private final InputFile file;
    private final RowText texts;
    private final boolean hasId;
    private final boolean isDocument;
    private final ParquetReader<Group> reader;
    private final long rows;
    private long row;

    ParquetTextReader(InputFile file, Storage storage) {
        this.file = file;
        texts = new RowText(file);
        Path path = new Path(file.path());
        Configuration configuration = storage.configuration(path);
        storage.requireInput(path);
        try (ParquetFileReader footer = ParquetFileReader.open(HadoopInputFile.fromPath(path, configuration))) {
            MessageType schema = footer.getFileMetaData().getSchema();
            rows = footer.getRecordCount();
            List<String> missing = missing(schema, texts);
            if (!missing.isEmpty()) {
                throw CorruptInputException.rest(
                        file.path(),
                        "no column of texts '" + String.join("', '", missing)
                                + "' (--text-column, or text-column of the input, names another); its columns: "
                                + String.join(", ", names(schema)),
                        rows,
                        null);
            }
            hasId = leaf(schema, file.input().idColumn()).isPresent();
            isDocument = schema.containsField(Document.SOURCE)
                    && isBinary(schema.getType(Document.SOURCE))
                    && schema.containsField(Document.METADATA)
                    && isMapOfTexts(schema.getType(Document.METADATA));
            Set<String> columns = new LinkedHashSet<>(texts.columns());
            if (hasId) {
                columns.add(file.input().idColumn());
            }
            if (isDocument) {
                columns.add(Document.SOURCE);
                columns.add(Document.METADATA);
            }
            List<Type> read = only(schema, columns);
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
            return missing(schema, new RowText(file)).isEmpty() ? List.of() : names(schema);
        } catch (IOException | RuntimeException e) {
            throw Texts.unreadable(file.path(), e);
        }
    }

    /** The columns of texts that a file does not have. */
    private static List<String> missing(MessageType schema, RowText texts) {
        return texts.columns().stream()
                .filter(column -> leaf(schema, column)
                        .filter(leaf -> texts.joins() || isBinary(leaf))
                        .isEmpty())
                .toList();
    }

    /** The column of a name, or, with points in it, a column in a group; empty if it is no single value. */
    private static Optional<Type> leaf(GroupType in, String column) {
        if (in.containsField(column)) {
            Type type = in.getType(column);
            return type.isPrimitive() && !type.isRepetition(Repetition.REPEATED) ? Optional.of(type) : Optional.empty();
        }
        return group(in, column).flatMap(group -> leaf(group, inside(group, column)));
    }

    /** The group with whose name and a point a column begins. */
    private static Optional<GroupType> group(GroupType in, String column) {
        return in.getFields().stream()
                .filter(type -> !type.isPrimitive() && !type.isRepetition(Repetition.REPEATED))
                .filter(type -> column.startsWith(type.getName() + "."))
                .map(Type::asGroupType)
                .findFirst();
    }

    private static String inside(GroupType group, String column) {
        return column.substring(group.getName().length() + 1);
    }

    /** A schema of some columns alone. */
    private static List<Type> only(GroupType in, Set<String> columns) {
        Map<String, Set<String>> inGroups = new LinkedHashMap<>();
        for (String column : columns) {
            if (in.containsField(column)) {
                inGroups.put(column, Set.of());
            } else {
                GroupType group = group(in, column).orElseThrow();
                inGroups.computeIfAbsent(group.getName(), any -> new LinkedHashSet<>())
                        .add(inside(group, column));
            }
        }
        return inGroups.entrySet().stream()
                .map(entry -> {
                    Type type = in.getType(entry.getKey());
                    return entry.getValue().isEmpty()
                            ? type
                            : type.asGroupType().withNewFields(only(type.asGroupType(), entry.getValue()));
                })
                .toList();
    }

    private static List<String> names(MessageType schema) {
        List<String> names =
                new ArrayList<>(schema.getFields().stream().map(Type::getName).toList());
        for (Type type : schema.getFields()) {
            if (!type.isPrimitive() && type.getLogicalTypeAnnotation() == null) {
                type.asGroupType().getFields().forEach(field -> names.add(type.getName() + "." + field.getName()));
            }
        }
        return names;
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
        for (Type column : group.getType().getFields()) {
            if (bytes(group, column.getName()) > Texts.MAX_BYTES) {
                throw Texts.tooLong(
                        texts.columns().contains(column.getName()) ? place : place + ", column " + column.getName());
            }
        }
        String number = Long.toString(row);
        String id = hasId ? idOf(group, file.input().idColumn()).orElse(number) : number;
        Document document =
                texts.document(place, column -> valued(group, column).flatMap(value -> value.text(place)), id);
        return Optional.of(
                isDocument && has(group, Document.SOURCE)
                        ? new Document(id, document.text(), group.getString(Document.SOURCE, 0), metadata(group))
                        : document);
    }

    /** A value of a row, and the group that has it under that name. */
    private record Value(Group in, String name) {
        Optional<String> text(String place) {
            return isBinary(in.getType().getType(name))
                    ? Optional.of(Texts.decode(place, in.getBinary(name, 0).getBytes()))
                    : Optional.of(printed());
        }

        String printed() {
            return in.getValueToString(in.getType().getFieldIndex(name), 0);
        }
    }

    private static Optional<String> idOf(Group row, String column) {
        return valued(row, column).map(Value::printed);
    }

    /** A column of a row, if it has a value there. */
    private static Optional<Value> valued(Group in, String column) {
        if (in.getType().containsField(column)) {
            return has(in, column) ? Optional.of(new Value(in, column)) : Optional.empty();
        }
        return group(in.getType(), column)
                .filter(group -> has(in, group.getName()))
                .flatMap(group -> valued(in.getGroup(group.getName(), 0), inside(group, column)));
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

    public static SortedMap<String, String> metadata(Group document) {
        SortedMap<String, String> metadata = new TreeMap<>();
        if (!has(document, Document.METADATA)) {
            return metadata;
        }
        Group map = document.getGroup(Document.METADATA, 0);
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
