package org.hopespark.jobs.evaluate;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.hopespark.conf.UserException;
import org.hopespark.data.tokenizer.Tokenizer;
import org.hopespark.model.InferenceState;
import org.hopespark.model.Sampler;

/**
 * A text that a model writes on: what its network has read, and the last ids, which it has not, because the next id is
 * drawn from what it makes of them.
 */
public final class WrittenText implements AutoCloseable {
    private static final String FORMAT = "hope-text";
    private static final int VERSION = 1;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final InferenceState state;
    private int[] unread;

    /**
     * First line of a saved text; behind it comes the state of the network.
     *
     * @param model which has written it: {@link TrainedModel#identity}
     * @param unread ids that its network has not read
     */
    private record Header(String format, int version, String model, List<Integer> unread) {}

    WrittenText(InferenceState state, int... unread) {
        this.state = state;
        this.unread = unread;
    }

    /** A text of which nothing is there yet. */
    public static WrittenText begin(TrainedModel model) {
        return new WrittenText(
                model.network().inference().begin(), model.encoding().documentStart());
    }

    /**
     * Reads what {@link #save} wrote.
     *
     * @throws UserException when another model has written it
     * @throws IOException when it is no saved text
     */
    public static WrittenText read(byte[] saved, TrainedModel model) throws IOException {
        int end = 0;
        while (end < saved.length && saved[end] != '\n') {
            end++;
        }
        Header header;
        try {
            header = JSON.readValue(saved, 0, end, Header.class);
        } catch (JacksonException e) {
            throw new IOException("this is no saved state of a text", e);
        }
        if (header == null || !FORMAT.equals(header.format) || header.version != VERSION || end == saved.length) {
            throw new IOException("this is no saved state of a text, or one of another version");
        }
        if (!model.identity().equals(header.model)) {
            throw new UserException("the saved text was written by other parameters or another tokenizer than those of "
                    + model.checkpoint() + ": use the checkpoint that it was saved with, or name another file");
        }
        return new WrittenText(
                model.network().inference().resume(new ByteArrayInputStream(saved, end + 1, saved.length - end - 1)),
                header.unread.stream().mapToInt(Integer::intValue).toArray());
    }

    /** What {@link #read} reads. */
    public byte[] save(TrainedModel model) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(JSON.writeValueAsString(new Header(
                        FORMAT,
                        VERSION,
                        model.identity(),
                        Arrays.stream(unread).boxed().toList()))
                .getBytes(StandardCharsets.UTF_8));
        out.write('\n');
        state.save(out);
        return out.toByteArray();
    }

    /**
     * Adds a prompt, then what the model writes after it.
     *
     * @param count tokens to write, fewer if the document ends
     * @return what was written after the prompt
     */
    public String continueWith(TrainedModel model, String prompt, int count, Sampler sampler) {
        Tokenizer tokenizer = model.encoding();
        int[] ids = IntStream.concat(Arrays.stream(unread), Arrays.stream(tokenizer.encode(prompt)))
                .toArray();
        if (count == 0) {
            unread = ids;
            return "";
        }
        int[] drawn = sampler.continueFrom(model.network(), state, ids, count, tokenizer.documentEnd());
        unread = new int[] {drawn.length < count ? tokenizer.documentEnd() : drawn[count - 1]};
        return tokenizer.decode(drawn);
    }

    @Override
    public void close() {
        state.close();
    }
}
