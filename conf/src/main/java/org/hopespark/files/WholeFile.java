package org.hopespark.files;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
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

    /** Writes or replaces a file; makes its folder. */
    public static void write(FileSystem files, Path path, byte[] content) throws IOException {
        if (isLocal(files)) {
            writeLocal(local(path.getParent()), path.getName(), content);
        } else if (renamesInPlace(files, path)) {
            Path temporary = new Path(path.getParent(), temporary(path.getName()));
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
    public static void publish(FileSystem files, Path temporary, Path path) throws IOException {
        if (isLocal(files)) {
            java.nio.file.Path from = local(temporary);
            try (FileChannel channel = FileChannel.open(from, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.createDirectories(local(path.getParent()));
            move(from, local(path));
            syncFolder(local(path.getParent()));
            return;
        }
        files.mkdirs(path.getParent());
        if (renamesInPlace(files, path)) {
            replace(files, temporary, path);
        } else {
            files.delete(path, false);
            rename(files, temporary, path);
        }
    }

    /** Forces what was written so far to the disk, where the file system can. */
    public static void sync(FSDataOutputStream out) throws IOException {
        if (out.hasCapability(StreamCapabilities.HSYNC)) {
            out.hsync();
        }
    }

    /** Forces to a local disk which files a folder has, without which a new file can be lost with its content. */
    public static void syncFolder(FileSystem files, Path folder) throws IOException {
        if (isLocal(files)) {
            syncFolder(local(folder));
        }
    }

    /** Whether a file shows only when its stream is closed, and nothing can be renamed in one step. */
    public static boolean isObjectStore(FileSystem files, Path path) throws IOException {
        return !isLocal(files) && !renamesInPlace(files, path);
    }

    private static java.nio.file.Path local(Path path) {
        return java.nio.file.Path.of(path.toUri().getPath());
    }

    private static void create(FileSystem files, Path path, byte[] content) throws IOException {
        try (FSDataOutputStream out = files.create(path, true)) {
            out.write(content);
            sync(out);
        }
    }

    private static void replace(FileSystem files, Path from, Path to) throws IOException {
        if (isOnLocalDisk(files)) {
            rename(files, from, to);
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

    private static boolean isOnLocalDisk(FileSystem files) {
        return "file".equals(files.getUri().getScheme());
    }

    // not what somebody has put around them
    private static boolean isLocal(FileSystem files) {
        return files.getClass() == LocalFileSystem.class || files.getClass() == RawLocalFileSystem.class;
    }

    // what cannot append has no files that grow, and a rename there is a copy
    private static boolean renamesInPlace(FileSystem files, Path path) throws IOException {
        return isOnLocalDisk(files) || files.hasPathCapability(path, CommonPathCapabilities.FS_APPEND);
    }

    private static void writeLocal(java.nio.file.Path folder, String name, byte[] content) throws IOException {
        Files.createDirectories(folder);
        java.nio.file.Path temporary = folder.resolve(temporary(name));
        try {
            try (FileChannel out =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                ByteBuffer left = ByteBuffer.wrap(content);
                while (left.hasRemaining()) {
                    out.write(left);
                }
                out.force(true);
            }
            // Hadoop would compare the new content with the checksums of the old one
            Files.deleteIfExists(folder.resolve("." + name + ".crc"));
            move(temporary, folder.resolve(name));
        } finally {
            Files.deleteIfExists(temporary);
        }
        syncFolder(folder);
    }

    private static void move(java.nio.file.Path from, java.nio.file.Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void syncFolder(java.nio.file.Path folder) throws IOException {
        if (File.separatorChar == '/') { // Windows opens no folders
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    private static String temporary(String name) {
        return "." + name + "." + UUID.randomUUID() + ".temporary";
    }
}
