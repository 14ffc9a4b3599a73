package org.hopespark.jobs.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** A name node and a data node in this process, which take longer to start than all tests on them. */
@Tag("slow")
final class HdfsStorageTest extends StorageContract {
    private MiniDFSCluster hdfs;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        Configuration configuration = new Configuration();
        configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.toString());
        hdfs = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
        hdfs.waitActive();
    }

    @AfterAll
    void stop() {
        hdfs.shutdown();
    }

    @Override
    String root() {
        return hdfs.getURI().toString();
    }

    @Override
    Map<String, String> settings() {
        // as many copies as there are data nodes
        return Map.of("dfs.replication", "1");
    }
}
