package org.hopespark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.hopespark.conf.UserException;
import org.hopespark.jobs.plan.Quantity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Figures of hope-20m (width 256, 6 blocks of 4 heads, 3 gated MLPs of 336, 50257 ids) beside arithmetic done here. */
class PlanCommandTest {
    private static final String[] MACHINES = {"--gpus=4", "--memory=80GB", "--bandwidth=25GB/s"};

    private static final double MLP = 3 * 256 * 336;
    private static final double LEVEL = 6 * (MLP + 256);
    private static final double ALL = 20_489_264;
    /** Of a head: 39 layers of its memories, and products with chunks of 64 tokens. */
    private static final double HEAD = 39 * 2 * 64 * 64 + 64 * (5 * (2 * 64 + 64) + 2 * (64 + 64));

    private static final double FORWARD = 2 * (50_257 * 256 + 6 * (5 * 256 * 256 + 3 * MLP)) + 6 * 4 * HEAD;

    @TempDir
    private Path folder;

    private record Answer(int exitCode, String text) {}

    private static Answer plan(String[] machines, String... arguments) throws IOException {
        PlanCommand command = new PlanCommand();
        StringWriter out = new StringWriter();
        CommandLine line = new CommandLine(command).setOut(new PrintWriter(out));
        String[] all = new String[machines.length + arguments.length];
        System.arraycopy(machines, 0, all, 0, machines.length);
        System.arraycopy(arguments, 0, all, machines.length, arguments.length);
        line.parseArgs(all);
        return new Answer(command.call(), out.toString());
    }

    private JsonNode json(String... arguments) throws IOException {
        Path file = folder.resolve("plan.json");
        String[] all = new String[arguments.length + 1];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        all[arguments.length] = "--json=" + file;
        plan(MACHINES, all);
        return new ObjectMapper().readTree(Files.readString(file));
    }

    @Test
    void levelsAndTheirBytesAreThoseOfTheFormula() throws IOException {
        // a worker of 4 sends 2 x 3/4 x 4 bytes of every number
        JsonNode levels = json("hope-20m").get("levels");

        assertThat(levels).hasSize(3);
        assertThat(levels.get(0).get("parameters").asDouble()).isEqualTo(ALL - 2 * LEVEL);
        assertThat(levels.get(1).get("bytes-sent-at-boundary").asDouble()).isEqualTo(6 * LEVEL);
        assertThat(levels.get(1).get("bytes-sent-per-step").asDouble()).isEqualTo(6 * LEVEL / 4);
        assertThat(levels.get(2).get("bytes-sent-per-step").asDouble()).isEqualTo(6 * LEVEL / 16);
        assertThat(plan(MACHINES, "hope-20m").text())
                .containsPattern("hope-20m: 20,489,264 parameters, 4 workers")
                .containsPattern("L1 +1 +17,389,616 +104 MB +104 MB +100 %")
                .containsPattern("L2 +4 +1,549,824 +2.32 MB +9.3 MB +25 %")
                .containsPattern("L3 +16 +1,549,824 +581 kB +9.3 MB +6.25 %")
                .containsPattern("all +20,489,264 +107 MB +123 MB +87.2 %");
    }

    @Test
    void timeIsComputingAndExchangeOneAfterTheOther() throws IOException {
        JsonNode plan = json("hope-20m");

        double compute = 3 * FORWARD * 524_288 / 4 / (400e12 * 0.4);
        double exchange = 6 * (ALL - 2 * LEVEL + LEVEL / 4 + LEVEL / 16) / 25e9;
        double step = compute + exchange;
        assertThat(plan.get("forward-flops-per-token").asDouble()).isEqualTo(FORWARD);
        assertThat(plan.get("compute-seconds").asDouble()).isCloseTo(compute, within(1e-12));
        assertThat(plan.get("exchange-seconds").asDouble()).isCloseTo(exchange, within(1e-12));
        assertThat(plan.get("longest-step-seconds").asDouble()).isCloseTo(compute + 6 * ALL / 25e9, within(1e-12));
        assertThat(plan.get("tokens-per-second").asDouble()).isCloseTo(524_288 / step, withinPercentage(1e-9));
        assertThat(plan.get("days").asDouble()).isCloseTo(100e9 / 524_288 * step / 86_400, withinPercentage(1e-9));
        assertThat(json("hope-20m", "--set=training.recompute-every-chunks=8")
                        .get("compute-seconds")
                        .asDouble())
                .isCloseTo(compute * (4 - 2.0 * 50_257 * 256 / FORWARD) / 3, within(1e-12));
        assertThat(plan(MACHINES, "hope-20m").text())
                .contains("operations of a token: forward 48.5 MFLOP, training 145 MFLOP")
                .contains("step of 524,288 tokens: 0.123 s = computing 0.119 s + exchange 0.004 s");
    }

    @Test
    void theLargestMicroBatchIsTheLastThatFits() throws IOException {
        double block = 4 * ((29 + 64) * 256 + 4 * 17 * 64 + 3 * (3 * 256 + 4 * 336));
        double innerState = 4.0 * 5 * 2 * 8 * 256 * 64; // five output sides, moved and as they are
        double sequence = 6 * (512 * block + innerState) + 512 * 5 * 256 * 4;
        double logits = 3.0 * 83 * 50_257 * 4; // 16 MiB hold 83 rows
        int largest = (int) ((0.9 * 80e9 - 16 * ALL - logits) / sequence);

        JsonNode memory = json("hope-20m").get("memory");

        assertThat(memory.get("largest-micro-batch-sequences").asInt()).isEqualTo(largest);
        assertThat(memory.get("total-bytes").asDouble()).isEqualTo(16 * ALL + logits + largest * sequence);
        assertThat(memory.get("inner-state-bytes").asDouble()).isEqualTo(6 * innerState * largest);
        assertThat(plan(MACHINES, "hope-20m").text())
                .contains("micro-batch of " + largest + " x 512 tokens")
                .contains("fits in 80 GB");
    }

    @Test
    void whatDoesNotFitIsSaidAndEndsWithOne() throws IOException {
        String[] small = {"--gpus=4", "--memory=300MB", "--bandwidth=25GB/s"};

        Answer answer = plan(small, "hope-20m");

        assertThat(answer.exitCode()).isEqualTo(1);
        assertThat(answer.text())
                .contains("DOES NOT FIT in 300 MB")
                .contains("recompute-every-chunks=0: none of the 256 sequences");
        assertThat(plan(MACHINES, "hope-20m").exitCode()).isZero();
    }

    @Test
    void aConfigurationBringsItsOwnBatchAndTokens() throws IOException {
        JsonNode plan = json("pretrain-20m", "--set=training.steps=100");

        assertThat(plan.get("batch-tokens").asLong()).isEqualTo(8 * 512);
        assertThat(plan.get("tokens").asDouble()).isEqualTo(100 * 8 * 512);
        assertThat(json("pretrain-20m", "--tokens=15B", "--batch-tokens=8192")
                        .get("tokens")
                        .asDouble())
                .isEqualTo(15e9);
    }

    @Test
    void aMeasuredRunIsSetBesideThePlan() throws IOException {
        double tokensPerSecond = json("hope-20m").get("tokens-per-second").asDouble();

        assertThat(plan(MACHINES, "hope-20m", "--measured-tokens-per-second=" + tokensPerSecond / 4)
                        .text())
                .contains("plan / measured = 4\n");
    }

    @Test
    void everyAssumptionIsPrintedWithItsValue() throws IOException {
        assertThat(plan(MACHINES, "hope-20m", "--mfu=0.25").text())
                .contains("Assumptions:")
                .contains("400 TFLOP/s")
                .contains("training reaches 25 %")
                .contains("10 % of the memory stays free")
                .contains("not while computing")
                .contains("1,024 sequences of 512 tokens");
    }

    @Test
    void allMistakesAreToldAtOnce() {
        String[] wrong = {"--gpus=0", "--memory=80", "--bandwidth=25GB"};

        assertThatThrownBy(() -> plan(wrong, "hope-20m", "--mfu=1.5", "--batch-tokens=1000"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("plan: 4 problems")
                .hasMessageContaining("--memory '80' has no unit: give a number and a unit, such as 80GB (units: B, kB")
                .hasMessageContaining("--bandwidth '25GB' has the unknown unit 'GB'")
                .hasMessageContaining("--gpus must be >= 1, got 0")
                .hasMessageContaining("--batch-tokens 1,000 must be whole sequences of model.context-tokens = 512");
        assertThatThrownBy(() -> plan(MACHINES, "hope-20m", "--mfu=1.5"))
                .hasMessageContaining("--mfu must lie in 0..1, 0 excluded, got 1.5");
    }

    @Test
    void anUnknownPresetAndADivisionWithARestAreRefused() {
        assertThatThrownBy(() -> plan(MACHINES, "hope-1b"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no configuration named 'hope-1b'")
                .hasMessageContaining("hope-1.3b")
                .hasMessageContaining("pretrain-20m");
        assertThatThrownBy(() -> plan(new String[] {"--gpus=3", "--memory=1GB", "--bandwidth=1GB/s"}, "hope-20m"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("--gpus 3 must divide the 1024 sequences of a batch");
    }

    @ParameterizedTest
    @CsvSource({"80GB, 80e9", "24GiB, 25769803776", "1.5 TB, 1.5e12", ".5MB, 5e5", "7B, 7"})
    void sizesAreRead(String text, double bytes) {
        assertThat(Quantity.bytes("--memory", text)).isEqualTo(bytes);
    }

    @Test
    void ratesAndCountsAreRead() {
        assertThat(Quantity.bytesPerSecond("--bandwidth", "100Gbit/s")).isEqualTo(12.5e9);
        assertThat(Quantity.bytesPerSecond("--bandwidth", "25GB/s")).isEqualTo(25e9);
        assertThat(Quantity.count("--tokens", "100B")).isEqualTo(100e9);
        assertThat(Quantity.count("--tokens", "524288")).isEqualTo(524_288);
        assertThatThrownBy(() -> Quantity.count("--tokens", "-5")).hasMessageContaining("--tokens '-5' is no quantity");
        assertThatThrownBy(() -> Quantity.count("--tokens", "0B")).hasMessageContaining("--tokens must be > 0");
    }
}
