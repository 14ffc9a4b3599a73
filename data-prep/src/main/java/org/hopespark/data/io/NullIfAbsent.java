package org.hopespark.data.io;

import com.fasterxml.jackson.annotation.JacksonAnnotationsInside;
import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.OptBoolean;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A component that older versions do not write, and newer ones only where there is something: null without one.
 *
 * <p>It is for the parameter alone: {@link JacksonInject} on a component is copied to its final field as well, which
 * the Jackson of Spark 3.5 (2.15) then tries to set.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.PARAMETER)
@JacksonAnnotationsInside
@JacksonInject(value = Json.ABSENT, useInput = OptBoolean.TRUE)
public @interface NullIfAbsent {}
