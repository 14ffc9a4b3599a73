package org.hopespark.files;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.hopespark.conf.UserException;

/**
 * Files and folders of the user that are read as local ones: configurations, texts, data of tasks. A driver that runs
 * in a container of the cluster has no other file of the user than what is on a shared file system or was shipped.
 */
public final class LocalCopy {
    private LocalCopy() {}

    /**
     * Where a file or folder can be read on this machine: there; else in the working folder under its name, where
     * {@code --files} and {@code --archives} of spark-submit put it; else as a copy from the file system that the
     * scheme or Hadoop's settings name, which goes with the process. The same place again where there is none of all
     * that.
     */
    public static Path of(String place, Supplier<Configuration> hadoop) {
        org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(place);
        String scheme = path.toUri().getScheme();
        if (scheme == null || scheme.equals("file")) {
            Path local = Path.of(path.toUri().getPath());
            Path shipped = Path.of(path.getName());
            if (Files.exists(local) || Files.exists(shipped)) {
                return Files.exists(local) ? local : shipped;
            }
        }
        try {
            FileSystem files = path.getFileSystem(hadoop.get());
            if (files.getUri().getScheme().equals("file")) {
                return Path.of(path.toUri().getPath());
            }
            return copy(files, path);
        } catch (FileNotFoundException e) {
            if (scheme == null) {
                return Path.of(place);
            }
            throw new UserException("no such file or folder: " + place, e);
        } catch (IOException e) {
            throw new UserException("cannot read " + place + ": " + e.getMessage(), e);
        }
    }

    private static Path copy(FileSystem files, org.apache.hadoop.fs.Path path) throws IOException {
        files.getFileStatus(path);
        Path folder = Files.createTempDirectory("hope-copy");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> FileUtil.fullyDelete(folder.toFile())));
        Path copy = folder.resolve(path.getName());
        if (!FileUtil.copy(files, path, copy.toFile(), false, files.getConf())) {
            throw new IOException("could not copy it to " + copy);
        }
        return copy;
    }
}
