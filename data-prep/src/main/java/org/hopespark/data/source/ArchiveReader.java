package org.hopespark.data.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.hopespark.data.io.Storage;

/** A zip or jar file in which each entry that matches a pattern is a document; its id is the entry's name. */
final class ArchiveReader implements DocumentReader {
    /** The record at a zip file's end, and the longest comment behind it (APPNOTE 4.3.16). */
    private static final int END_SIGNATURE = 0x06054B50;

    private static final int END_BYTES = 22;

    /** The header in front of an entry, without its name (4.3.7). */
    private static final int HEADER_BYTES = 30;

    private static final int MAX_COMMENT_BYTES = 0xFFFF;

    private static final MethodHandle OFFSET = offset();

    private final InputFile file;
    private final ZipFile zip;
    private final Iterator<ZipArchiveEntry> entries;
    private boolean isCut;

    ArchiveReader(InputPart part, Storage storage) {
        file = part.file();
        zip = open(new Channel(storage.openInput(new Path(file.path())), file.bytes()));
        List<ZipArchiveEntry> all = Collections.list(zip.getEntries());
        requireApart(all);
        Expansion.require(
                matching(all).stream().mapToLong(ArchiveReader::weight).sum(), file, storage);
        isCut = part.index() == 0 && !announces(all.size(), storage);
        entries = share(matching(all), part).iterator();
    }

    /**
     * Whether the end of the archive names as many entries as its directory has: the library takes a record of the
     * directory that is no record for the directory's end.
     */
    private boolean announces(int entries, Storage storage) {
        try (FSDataInputStream in = storage.openInput(new Path(file.path()))) {
            byte[] tail = new byte[(int) Math.min(file.bytes(), END_BYTES + MAX_COMMENT_BYTES)];
            in.readFully(file.bytes() - tail.length, tail);
            ByteBuffer end = ByteBuffer.wrap(tail).order(ByteOrder.LITTLE_ENDIAN);
            for (int at = tail.length - END_BYTES; at >= 0; at--) {
                if (end.getInt(at) == END_SIGNATURE) {
                    int announced = Short.toUnsignedInt(end.getShort(at + 10));
                    return announced == (entries & 0xFFFF) || announced == 0xFFFF; // the latter: zip64 has the number
                }
            }
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Entries that share their bytes unpack to any length (Fifield, A better zip bomb, 2019). */
    private void requireApart(List<ZipArchiveEntry> all) {
        List<ZipArchiveEntry> byPlace = all.stream()
                .sorted(Comparator.comparingLong(ArchiveReader::offset))
                .toList();
        for (int i = 1; i < byPlace.size(); i++) {
            ZipArchiveEntry before = byPlace.get(i - 1);
            ZipArchiveEntry entry = byPlace.get(i);
            long end = offset(before) + HEADER_BYTES + Math.max(0, before.getCompressedSize());
            if (end > offset(entry)) {
                throw CorruptInputException.file(
                        file.path(),
                        "its entries " + before.getName() + " and " + entry.getName()
                                + " overlap, as they do in archives that are made to fill disks",
                        null);
            }
        }
    }

    /** Where an entry's header begins; its getter is public since commons-compress 1.24, and Spark 3.5 carries 1.23. */
    private static long offset(ZipArchiveEntry entry) {
        try {
            return (long) OFFSET.invokeExact(entry);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e); // a getter throws no checked exception
        }
    }

    private static MethodHandle offset() {
        try {
            return MethodHandles.privateLookupIn(ZipArchiveEntry.class, MethodHandles.lookup())
                    .findVirtual(ZipArchiveEntry.class, "getLocalHeaderOffset", MethodType.methodType(long.class));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("deprecation") // the builder that replaces it is missing from Spark 3.5's commons-compress
    private ZipFile open(Channel channel) {
        try {
            // the entries' own headers are looked at when they are read: one that is damaged is no reason to give up
            // all
            return new ZipFile(channel, file.path(), "UTF8", true, true);
        } catch (UncheckedIOException e) {
            throw e; // the file system has failed
        } catch (IOException | RuntimeException e) {
            throw Texts.unreadable(file.path(), e);
        }
    }

    private List<ZipArchiveEntry> matching(List<ZipArchiveEntry> all) {
        Glob pattern = new Glob(file.input().entries());
        List<ZipArchiveEntry> matching = new ArrayList<>();
        for (ZipArchiveEntry entry : all) {
            // The empty folder in front lets **/*.txt match at the top, too.
            if (!entry.isDirectory()
                    && !entry.isUnixSymlink()
                    && (pattern.matches(entry.getName()) || pattern.matches("./" + entry.getName()))) {
                matching.add(entry);
            }
        }
        return matching;
    }

    /** The entries whose middle byte falls into this part of the whole. */
    private static List<ZipArchiveEntry> share(List<ZipArchiveEntry> all, InputPart part) {
        long total = all.stream().mapToLong(ArchiveReader::weight).sum();
        List<ZipArchiveEntry> share = new ArrayList<>();
        long before = 0;
        for (ZipArchiveEntry entry : all) {
            long middle = before + weight(entry) / 2;
            if (Math.min(part.count() - 1, middle * part.count() / Math.max(1, total)) == part.index()) {
                share.add(entry);
            }
            before += weight(entry);
        }
        return share;
    }

    /** Its length as the archive gives it, which may be any number. */
    private static long weight(ZipArchiveEntry entry) {
        return Math.max(0, Math.min(Texts.MAX_BYTES + 1L, entry.getSize()));
    }

    @Override
    public Optional<Document> next() {
        if (!entries.hasNext()) {
            if (isCut) {
                isCut = false;
                throw CorruptInputException.file(
                        file.path(),
                        "truncated or damaged (its directory has not the entries that its end names)",
                        null);
            }
            return Optional.empty();
        }
        ZipArchiveEntry entry = entries.next();
        String place = file.path() + ", entry " + entry.getName();
        byte[] bytes = readAll(place, entry);
        CRC32 crc = new CRC32();
        crc.update(bytes);
        if (bytes.length != entry.getSize() || crc.getValue() != entry.getCrc()) {
            throw CorruptInputException.row(
                    place, "truncated or damaged (its content does not match the archive's checksum)");
        }
        String text = Texts.decodeFile(place + " (which " + file.input().entries() + " selects)", bytes);
        return Optional.of(new Document(Texts.requireEncodable(place, entry.getName()), text, file.name()));
    }

    private byte[] readAll(String place, ZipArchiveEntry entry) {
        if (entry.getSize() > Texts.MAX_BYTES) {
            throw Texts.tooLong(place);
        }
        try (InputStream in = zip.getInputStream(entry)) {
            return in.readNBytes((int) Math.max(0, entry.getSize()) + 1); // one more, to see a length that is a lie
        } catch (UncheckedIOException | CorruptInputException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw Texts.unreadableRow(place, e);
        }
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }

    /** A Hadoop stream as the channel that {@link ZipFile} reads. */
    private static final class Channel implements SeekableByteChannel {
        private final FSDataInputStream in;
        private final long size;
        private boolean open = true;

        Channel(FSDataInputStream in, long size) {
            this.in = in;
            this.size = size;
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            if (!open) {
                throw new ClosedChannelException();
            }
            byte[] bytes = new byte[Math.min(into.remaining(), 1 << 16)];
            int n;
            try {
                n = in.read(bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new UncheckedIOException(e); // the file system has failed, which says nothing of the archive
            }
            if (n > 0) {
                into.put(bytes, 0, n);
            }
            return n;
        }

        @Override
        public long position() throws IOException {
            return in.getPos();
        }

        @Override
        public SeekableByteChannel position(long position) throws IOException {
            in.seek(position);
            return this;
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() throws IOException {
            open = false;
            in.close();
        }

        @Override
        public int write(ByteBuffer from) {
            throw new NonWritableChannelException();
        }

        @Override
        public SeekableByteChannel truncate(long length) {
            throw new NonWritableChannelException();
        }
    }
}
