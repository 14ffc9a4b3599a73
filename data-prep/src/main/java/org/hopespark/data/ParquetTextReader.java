package org.hopespark.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.hopespark.conf.ConfigException;

/** A Parquet file with a column of texts. */
final class ParquetTextReader implements DocumentReader {
    private final InputFile file;
    private final boolean hasId;
    private final ParquetReader<Group> reader;
    private long row;

    ParquetTextReader(InputFile file, Storage storage) {
        this.file = file;
        Path path = new Path(file.path());
        Configuration configuration = new Configuration(storage.configuration());
        try (ParquetFileReader footer = ParquetFileReader.open(HadoopInputFile.fromPath(path, configuration))) {
            MessageType schema = footer.getFileMetaData().getSchema();
            if (!schema.containsField(file.textColumn()) || !isBinary(schema.getType(file.textColumn()))) {
                throw new ConfigException(file.path() + " has no column of texts '" + file.textColumn()
                        + "'; set text-column to one of its columns: "
                        + String.join(
                                ", ",
                                schema.getFields().stream().map(Type::getName).toList()));
            }
            hasId = schema.containsField(file.idColumn())
                    && schema.getType(file.idColumn()).isPrimitive();
            GroupType columns = hasId && !file.idColumn().equals(file.textColumn())
                    ? new GroupType(
                            Type.Repetition.REQUIRED,
                            schema.getName(),
                            schema.getType(file.textColumn()),
                            schema.getType(file.idColumn()))
                    : new GroupType(Type.Repetition.REQUIRED, schema.getName(), schema.getType(file.textColumn()));
            configuration.set(
                    ReadSupport.PARQUET_READ_SCHEMA, new MessageType(schema.getName(), columns.getFields()).toString());
            reader = ParquetReader.builder(new GroupReadSupport(), path)
                    .withConf(configuration)
                    .usePageChecksumVerification()
                    .build();
        } catch (FileNotFoundException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (IOException | RuntimeException e) {
            throw e instanceof ConfigException known ? known : Texts.unreadable(file.path(), e);
        }
    }

    private static boolean isBinary(Type type) {
        return type.isPrimitive() && type.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BINARY;
    }

    @Override
    public Optional<Document> next() {
        row++;
        String place = file.path() + ", row " + row;
        Group group;
        try {
            group = reader.read();
        } catch (IOException | RuntimeException e) {
            throw Texts.unreadable(place, e);
        }
        if (group == null) {
            return Optional.empty();
        }
        if (group.getFieldRepetitionCount(file.textColumn()) == 0) {
            throw CorruptInputException.row(
                    place, "no text in column '" + file.textColumn() + "' (text-column names another)");
        }
        String text = Texts.decode(place, group.getBinary(file.textColumn(), 0).getBytes());
        String id = hasId && group.getFieldRepetitionCount(file.idColumn()) > 0
                ? group.getValueToString(group.getType().getFieldIndex(file.idColumn()), 0)
                : Long.toString(row);
        return Optional.of(new Document(id, text, file.name()));
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
