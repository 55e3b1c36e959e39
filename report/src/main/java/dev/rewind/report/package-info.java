/// Pages that show a training and what the units of a recurrent network do. [Report] makes a page, [TrainingReport] one
/// of a metrics file. What they show can be had without a page: [Activations] of any cell, [Finding]s among its units,
/// [Predictions], [PrincipalComponents].
///
/// ```java
/// import dev.rewind.report.*;
/// GruCell cell = new GruCell(3, 2, Rng.of(1));
/// Activations seen = Activations.of(cell, Tensor.normal(Rng.of(2), DType.FLOAT32, 0, 1, 100, 3));   // reads [T, E]
/// seen.signals().keySet()   // ==> [r, z, n, h]
/// ```
package dev.rewind.report;
