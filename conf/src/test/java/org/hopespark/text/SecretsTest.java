package org.hopespark.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.regex.Pattern;
import org.hopespark.conf.PrepareConfig;
import org.hopespark.conf.Settings;
import org.hopespark.conf.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    ftp://user:PW@host:21/x/*.txt                          | ftp://user:***@host:21/x/*.txt
                    - path: sftp://u:P@W@h/x, then ftp://:PW@h             | - path: sftp://u:***@h/x, then ftp://:***@h
                    {"a":"ftp://u:PW@h/x","b":"me@h"}                      | {"a":"ftp://u:***@h/x","b":"me@h"}
                    spark.hadoop.fs.s3a.secret.key=PW                      | spark.hadoop.fs.s3a.secret.key=***
                    -Dfs.s3a.access.key=PW -Dx=1                           | -Dfs.s3a.access.key=*** -Dx=1
                    "fs.azure.account.key.a.dfs.core.windows.net": "PW=="  | "fs.azure.account.key.a.dfs.core.windows.net": "***"
                    fs.azure.sas.box.a.blob.core.windows.net=PW            | fs.azure.sas.box.a.blob.core.windows.net=***
                    fs.s3a.session.token: PW, spark.ssl.keyPassword=PW     | fs.s3a.session.token: ***, spark.ssl.keyPassword=***
                    spark.authenticate.secret PW                           | spark.authenticate.secret PW
                    https://h/a?X-Amz-Credential=PW&X-Amz-Date=1&sig=PW    | https://h/a?X-Amz-Credential=***&X-Amz-Date=1&sig=***
                    """)
    void secretsAreHidden(String text, String shown) {
        assertThat(Secrets.hidden(text)).isEqualTo(shown);
        assertThat(Secrets.hidden(shown)).as("once more").isEqualTo(shown);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hdfs://host:8020/user/a@b",
                "in-context-tokens: 64, max-tokens=512, align-tokens: 8",
                "http://localhost:4040/hope/ and me@example.org",
                "abfss://box@account.dfs.core.windows.net/a: not found",
                "12:30:01 WARN x: https://example.org/?a=1&b=2",
                "spark.executor.cores=1"
            })
    void allElseStays(String text) {
        assertThat(Secrets.hidden(text)).isEqualTo(text);
    }

    @Test
    void noSettingAndNoMessageTellsThem() {
        PrepareConfig config = PrepareConfig.of(
                Settings.parse("t", "inputs: [{path: 'ftp://user:PW-1@host/x/*.txt'}]\noutput: 'sftp://u:PW-2@h/y'\n"));
        assertThat(config.inputs().get(0).path()).contains("PW-1");
        assertThat(Settings.print(config))
                .contains("path: ftp://user:***@host/x/*.txt", "output: sftp://u:***@h/y")
                .doesNotContain("PW-");
        assertThat(new UserException("no such file: ftp://user:PW-1@host/x"))
                .hasMessage("no such file: ftp://user:***@host/x");
    }

    @Test
    void sparkHidesTheSame() {
        Pattern spark = Pattern.compile(Secrets.OF_SPARK);
        assertThat("fs.s3a.secret.key").containsPattern(spark);
        assertThat("spark.hadoop.fs.azure.account.key.x").containsPattern(spark);
        assertThat("org.hopespark.cli.Main prepare --input ftp://u:PW@h/x").containsPattern(spark);
        assertThat("org.hopespark.cli.Main prepare --input hdfs://h:8020/x").doesNotContainPattern(spark);
    }

    @Test
    void aLongTextTakesNoTime() {
        for (String text : new String[] {"://:", "://a:b", "fs.", "?sig", "spark.secret"}) {
            assertThat(Duration.ofSeconds(10)).isGreaterThan(time(() -> Secrets.hidden(text.repeat(100_000))));
        }
    }

    private static Duration time(Runnable work) {
        long before = System.nanoTime();
        work.run();
        return Duration.ofNanos(System.nanoTime() - before);
    }
}
