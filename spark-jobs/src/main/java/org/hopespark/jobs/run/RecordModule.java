package org.hopespark.jobs.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.BeanProperty;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.ContextualDeserializer;
import com.fasterxml.jackson.databind.deser.std.NumberDeserializers.DoubleDeserializer;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.databind.type.TypeFactory;
import java.io.IOException;
import java.util.Optional;

/**
 * How records are JSON: an {@link Optional} component is a key that may be absent, and a {@code double} that may be is
 * NaN. Spark brings no module for the former.
 */
final class RecordModule extends SimpleModule {
    private static final long serialVersionUID = 1L;

    RecordModule() {
        addSerializer(new OptionalSerializer());
        addDeserializer(Optional.class, new OptionalDeserializer(TypeFactory.unknownType()));
        addDeserializer(double.class, new DoubleOrNaN());
    }

    @Override
    public void setupModule(SetupContext context) {
        super.setupModule(context);
        context.configOverride(Optional.class)
                .setInclude(JsonInclude.Value.construct(JsonInclude.Include.NON_EMPTY, JsonInclude.Include.ALWAYS));
    }

    private static final class OptionalSerializer extends StdSerializer<Optional<?>> {
        private static final long serialVersionUID = 1L;

        private OptionalSerializer() {
            super(Optional.class, false);
        }

        @Override
        public boolean isEmpty(SerializerProvider provider, Optional<?> value) {
            return value.isEmpty();
        }

        @Override
        public void serialize(Optional<?> value, JsonGenerator json, SerializerProvider provider) throws IOException {
            provider.defaultSerializeValue(value.orElseThrow(), json);
        }
    }

    @SuppressWarnings("rawtypes")
    private static final class OptionalDeserializer extends StdDeserializer<Optional>
            implements ContextualDeserializer {
        private static final long serialVersionUID = 1L;

        private final JavaType content;

        private OptionalDeserializer(JavaType content) {
            super(Optional.class);
            this.content = content;
        }

        @Override
        public JsonDeserializer<?> createContextual(DeserializationContext context, BeanProperty property) {
            return new OptionalDeserializer(property.getType().containedTypeOrUnknown(0));
        }

        @Override
        public Optional<?> deserialize(JsonParser json, DeserializationContext context) throws IOException {
            return Optional.of(context.readValue(json, content));
        }

        @Override
        public Optional<?> getNullValue(DeserializationContext context) {
            return Optional.empty();
        }
    }

    private static final class DoubleOrNaN extends DoubleDeserializer {
        private static final long serialVersionUID = 1L;

        private DoubleOrNaN() {
            super(double.class, 0.0);
        }

        @Override
        public Object getEmptyValue(DeserializationContext context) {
            return Double.NaN;
        }
    }
}
