/// Pages that show a training and what the units of a recurrent network do.
module rewind.report {
  requires transitive rewind.nn;

  exports dev.rewind.report;
}
