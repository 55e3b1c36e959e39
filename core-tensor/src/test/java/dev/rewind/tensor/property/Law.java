package dev.rewind.tensor.property;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Property;

/// A property that is tried on the same 300 random cases at every run; what is at the edge is frequent among what they
/// are drawn from. The method is named after the operation of [dev.rewind.tensor.Tensor] that it speaks of.
@Property(tries = 300, seed = "20260101", edgeCases = EdgeCasesMode.NONE)
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@interface Law {
}
