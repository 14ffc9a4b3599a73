package org.hopespark.model;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The pickle (protocol 2) of a module in a TorchScript archive: its class, and its attributes by name. A tensor in it
 * is a call of {@code torch._utils._rebuild_tensor_v2} on a storage that lies in an entry of its own.
 */
final class ModulePickle {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** A module of a class in {@code __torch__.py}. */
    ModulePickle(String name) {
        // PROTO 2, GLOBAL, EMPTY_TUPLE, NEWOBJ, EMPTY_DICT, MARK
        raw(0x80, 2);
        global("__torch__", name);
        raw(')', 0x81, '}', '(');
    }

    ModulePickle attribute(String name, boolean value) {
        text(name);
        raw(value ? 0x88 : 0x89);
        return this;
    }

    /**
     * A parameter.
     *
     * @param key of its storage, the entry {@code data/KEY}
     */
    ModulePickle parameter(NamedTensor tensor, String key) {
        text(tensor.name());
        global("torch._utils", "_rebuild_tensor_v2");
        raw('(');
        storage(tensor.data(), key);
        whole(0); // offset in the storage
        tuple(tensor.shape());
        tuple(rowMajorStrides(tensor.shape()));
        raw(0x88); // requires a gradient
        global("collections", "OrderedDict"); // of hooks
        raw(')', 'R', 't', 'R');
        return this;
    }

    /** SETITEMS, BUILD, STOP. */
    byte[] finish() {
        raw('u', 'b', '.');
        return bytes.toByteArray();
    }

    private void storage(FlatBuffer data, String key) {
        raw('(');
        text("storage");
        global("torch", data.type() == ElementType.FLOAT32 ? "FloatStorage" : "DoubleStorage");
        text(key);
        text("cpu");
        whole(data.elements());
        raw('t', 'Q'); // TUPLE, BINPERSID
    }

    private void tuple(List<Long> values) {
        raw('(');
        values.forEach(this::whole);
        raw('t');
    }

    static List<Long> rowMajorStrides(List<Long> shape) {
        Long[] strides = new Long[shape.size()];
        long stride = 1;
        for (int i = shape.size() - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= shape.get(i);
        }
        return List.of(strides);
    }

    /** BININT, or LONG1 of eight bytes where that is too short. */
    private void whole(long value) {
        if (value == (int) value) {
            raw('J');
            littleEndian(value, Integer.BYTES);
        } else {
            raw(0x8a, Long.BYTES);
            littleEndian(value, Long.BYTES);
        }
    }

    private void text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        raw('X');
        littleEndian(utf8.length, Integer.BYTES);
        bytes.writeBytes(utf8);
    }

    private void global(String module, String name) {
        bytes.writeBytes(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    private void littleEndian(long value, int count) {
        for (int i = 0; i < count; i++) {
            bytes.write((int) (value >> (Byte.SIZE * i)));
        }
    }

    private void raw(int... opcodes) {
        for (int opcode : opcodes) {
            bytes.write(opcode);
        }
    }
}
