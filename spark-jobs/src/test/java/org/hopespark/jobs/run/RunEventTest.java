package org.hopespark.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.hopespark.cluster.spark.AttemptEnd;
import org.hopespark.conf.UserException;
import org.hopespark.jobs.run.RunEvent.AttemptEnded;
import org.hopespark.jobs.run.RunEvent.LevelFacts;
import org.hopespark.jobs.run.RunEvent.RunStarted;
import org.hopespark.jobs.run.RunEvent.StepDone;
import org.junit.jupiter.api.Test;

final class RunEventTest {
    private static final Pattern KEY = Pattern.compile("`([a-z-]+)`");

    @Test
    void everyLineReadsBackToItself() throws IOException {
        Set<Class<?>> seen = new HashSet<>();
        for (String line : golden()) {
            RunEvent event = RunEvents.read(line).orElseThrow();
            assertThat(RunEvents.write(event)).isEqualTo(line);
            seen.add(event.getClass());
        }
        assertThat(seen).containsExactlyInAnyOrder(RunEvent.class.getPermittedSubclasses());
    }

    @Test
    void linesOfOlderRunsAreRead() throws IOException {
        String end = "{\"type\":\"regroup\",\"step\":3,\"cause\":\"more workers\"}";
        assertThat(RunEvents.read(end))
                .hasValue(new AttemptEnded(AttemptEnd.Kind.RESIZE, 0, 3, "more workers", Optional.empty()));
        RunStarted run = (RunStarted) RunEvents.read("""
                        {"type":"run","name":"a","parameters":30,"workers":2,"data-identity":"d","steps":9,
                         "batch-tokens":8,"started":"now","versions":{},
                         "levels":[{"level":2,"period-steps":8,"parameters":20}]}""").orElseThrow();
        assertThat(run.levels()).containsExactly(new LevelFacts(2, 8, 20, 4, 0.5, 1));
        assertThat(run.init()).isEmpty();
        assertThat(run.unigramBitsPerByte()).isEmpty();
        StepDone step = (StepDone) RunEvents.read("""
                        {"type":"step","attempt":1,"step":1,"loss":5,"tokens":4,"seconds":1,"tokens-per-second":4,
                         "learning-rate":1e-4,"workers":2,"levels":[{"level":1,"bytes-sent":6,"milliseconds":1}],
                         "statistics":{"drift":[0.5],"blocks":[{"alpha":1,"eta":1,"error-norm":1,"capped-share":0,
                         "state-norm":1,"state-drift":0}]}}""").orElseThrow();
        assertThat(step.secondsByRank()).isEmpty();
        assertThat(step.slowestRank()).isEmpty();
        assertThat(step.levels().get(0).gradientNorm()).isNaN();
        assertThat(step.statistics().orElseThrow().blocks().get(0).writtenShare())
                .isNaN();
    }

    @Test
    void whatALaterVersionAddsIsSkipped() throws IOException {
        assertThat(RunEvents.read("{\"type\":\"weather\",\"step\":1}")).isEmpty();
        assertThat(RunEvents.read("{\"step\":1}")).isEmpty();
        assertThat(RunEvents.read("{\"type\":\"warning\",\"step\":1,\"cause\":\"x\",\"severity\":{\"of\":9}}"))
                .hasValue(new RunEvent.Warning(1, "x"));
    }

    @Test
    void aValueOfAnotherKindIsToldWithItsKey() {
        assertWrong(
                "{\"type\":\"warning\",\"step\":\"1\",\"cause\":\"x\"}",
                "\"step\" must be a whole number, found \"1\"");
        assertWrong(
                "{\"type\":\"warning\",\"step\":1.5,\"cause\":\"x\"}", "\"step\" must be a whole number, found 1.5");
        assertWrong("{\"type\":\"warning\",\"cause\":\"x\"}", "\"step\" must be a whole number, found nothing");
        assertWrong("{\"type\":\"warning\",\"step\":1}", "\"cause\" must be a text, found nothing");
        assertWrong("{\"type\":\"warning\",\"step\":1,\"cause\":2}", "\"cause\" must be a text, found 2");
        assertWrong(
                "{\"type\":\"finished\",\"step\":1,\"seconds\":\"x\"}", "\"seconds\" must be a number, found \"x\"");
        assertWrong("{\"type\":\"changes\",\"step\":1,\"changes\":{}}", "\"changes\" must be a list, found {}");
        assertWrong(
                "{\"type\":\"changes\",\"step\":1,\"changes\":[{\"setting\":\"a\",\"before\":\"b\",\"now\":[]}]}",
                "\"now\" must be a text, found []");
    }

    private static void assertWrong(String line, String message) {
        assertThatThrownBy(() -> RunEvents.read(line))
                .isInstanceOf(UserException.class)
                .hasMessage(message + "; is this the metrics file of a run?");
        assertThat(RunEvents.readIfWhole(line)).isEmpty();
    }

    @Test
    void aLineThatIsCutOffIsNotWhole() {
        assertThat(RunEvents.readIfWhole("{\"type\":\"valid")).isEmpty();
        assertThat(RunEvents.readIfWhole("")).isEmpty();
    }

    @Test
    void theDocumentNamesEveryKeyOfEveryTypeAndNoOther() throws IOException {
        Map<String, Set<String>> keys = new TreeMap<>();
        for (JsonSubTypes.Type type :
                RunEvent.class.getAnnotation(JsonSubTypes.class).value()) {
            for (String name : type.names().length == 0 ? new String[] {type.name()} : type.names()) {
                keys.put(name, keys(type.value()));
            }
        }
        keys.remove("regroup"); // is not written any more
        assertThat(documented()).isEqualTo(keys);
    }

    /** Keys by type: the first cell of a row has types, the third keys; those of a step have a table of their own. */
    private static Map<String, Set<String>> documented() throws IOException {
        String text = Files.readString(Path.of("../docs/reference/metrics.md"));
        String section = text.substring(text.indexOf("## Events in"), text.indexOf("## TensorBoard"));
        String[] tables = section.split("(?m)^\\|---.*$", -1);
        Map<String, Set<String>> keys = new TreeMap<>();
        for (String[] cells : rows(tables[1])) {
            words(cells[1]).forEach(type -> keys.put(type, new TreeSet<>(words(cells[3]))));
        }
        Set<String> step = Objects.requireNonNull(keys.get("step"));
        rows(tables[2]).forEach(cells -> step.addAll(words(cells[1])));
        return keys;
    }

    private static List<String[]> rows(String table) {
        return table.lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split("\\|", -1))
                .toList();
    }

    private static List<String> words(String cell) {
        return KEY.matcher(cell).results().map(found -> found.group(1)).toList();
    }

    /** Of a record and of those in it. */
    private static Set<String> keys(Class<?> type) {
        Set<String> keys = new TreeSet<>();
        for (RecordComponent component : type.getRecordComponents()) {
            if (component.getType() != AttemptEnd.Kind.class) { // which is the type
                keys.add(new PropertyNamingStrategies.KebabCaseStrategy().translate(component.getName()));
            }
            classes(component.getGenericType()).filter(Class::isRecord).forEach(part -> keys.addAll(keys(part)));
        }
        return keys;
    }

    private static Stream<Class<?>> classes(Type type) {
        return type instanceof ParameterizedType generic
                ? Arrays.stream(generic.getActualTypeArguments()).flatMap(RunEventTest::classes)
                : Stream.of((Class<?>) type);
    }

    private static List<String> golden() throws IOException {
        try (InputStream in = Objects.requireNonNull(RunEventTest.class.getResourceAsStream("metrics.jsonl"))) {
            List<String> lines = new ArrayList<>();
            new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().forEach(lines::add);
            return lines;
        }
    }
}
