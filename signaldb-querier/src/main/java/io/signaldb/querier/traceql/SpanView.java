package io.signaldb.querier.traceql;

/** One span with its trace, as a query sees it. */
public interface SpanView {
  /**
   * The attribute's value, {@link Value#NIL} if the span has none.
   *
   * @param scope any but {@link Scope#ANY}
   */
  Value attribute(Scope scope, String key);

  /**
   * The field's value, of the field's type. {@link Value#NIL} only for {@link Intrinsic#ROOT_NAME}
   * and {@link Intrinsic#ROOT_SERVICE_NAME} of a trace whose root is not there.
   */
  Value intrinsic(Intrinsic intrinsic);
}
