package dev.rewind.tensor.property;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import net.jqwik.api.Property;

/// A property that is tried on the same 200 random cases at every run. The method is named after the operation of
/// [dev.rewind.tensor.Tensor] that it speaks of.
@Property(tries = 200, seed = "20260101")
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@interface Law {}
