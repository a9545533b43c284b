package io.signaldb.querier.trace;

import io.signaldb.querier.traceql.FieldExpression;
import java.util.List;

/**
 * A trace that matches.
 *
 * @param shown the first of its matching spans
 * @param matched number of its matching spans
 * @param fields what the query asks about
 */
public record FoundTrace(
    Trace trace, List<Span> shown, int matched, List<FieldExpression.Field> fields) {}
