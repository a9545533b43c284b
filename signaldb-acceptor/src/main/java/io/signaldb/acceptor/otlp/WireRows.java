package io.signaldb.acceptor.otlp;

/**
 * Puts the rows of encoded requests into a batch without making message objects. Not thread-safe.
 */
final class WireRows {
  private final WireEnvelope request;
  private final WireEnvelope resource;
  private final WireEnvelope scope;
  private final BatchBuilder<?> batch;
  private final RowPart.Shared resourcePart;
  private final RowPart.Shared scopePart;
  private final RowPart.Own rowPart;

  /** Whether a row can be stored as it is, its attributes aside. */
  @FunctionalInterface
  interface Check {
    boolean accepts(WireFrame row);
  }

  /**
   * @param component of the row that is a message of its own
   */
  WireRows(RequestShape<?, ?, ?, ?> shape, BatchBuilder<?> batch, String component) {
    this.batch = batch;
    request = new WireEnvelope(shape.resourcesField());
    resource = new WireEnvelope(shape.scopesField());
    scope = new WireEnvelope(shape.itemsField());
    resourcePart = batch.shared("resource");
    scopePart = batch.shared("scope");
    rowPart = batch.own(component);
  }

  /** How rows are laid out. */
  WireLayout layout() {
    return rowPart.layout();
  }

  /**
   * Adds the rows of a request.
   *
   * @throws NotPlain if not all of them can be added; the batch has to be cleared
   */
  void add(byte[] bytes, int offset, int length, Check check) {
    request.read(bytes, offset, length);
    if (request.restLength() > 0) {
      throw new NotPlain();
    }
    for (int i = 0; i < request.count(); i++) {
      resource.read(bytes, request.offset(i), request.length(i));
      resourcePart.read(resource.rest(), resource.restLength());
      for (int j = 0; j < resource.count(); j++) {
        scope.read(bytes, resource.offset(j), resource.length(j));
        scopePart.read(scope.rest(), scope.restLength());
        for (int k = 0; k < scope.count(); k++) {
          WireFrame row = rowPart.read(bytes, scope.offset(k), scope.length(k));
          if (!check.accepts(row)) {
            throw new NotPlain();
          }
          batch.addRead();
        }
      }
    }
  }
}
