package io.signaldb.acceptor.otlp;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.signaldb.common.schema.AttributeScope;
import io.signaldb.common.schema.AttributeType;
import io.signaldb.common.schema.PromotedAttribute;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of one kind of message: a column for each promoted key, a map per type for the
 * others. Where a key stands twice in one list the last value counts.
 */
final class AttributeSink {
  /** Lists up to this length are compared pair by pair, longer ones through a set. */
  private static final int FEW = 16;

  /** Keys remembered beside the promoted ones; more are forgotten at the next list. */
  private static final int MAX_KEYS = 4096;

  private static final int MAX_KEY_BYTES = 1 << 18;

  private final Map<String, PromotedColumn> promoted = new HashMap<>();
  private final AttributeLimits limits;
  private final MapSink<TextSink> texts;
  private final MapSink<LongSink> ints;
  private final MapSink<LongSink> doubles;
  private final MapSink<BoolSink> bools;
  private final MapSink<TextSink> jsons;

  /** Keys by their bytes, each with what is known of it. */
  private final BytesTable<Key> keys = new BytesTable<>();

  /** What the attributes of the list being read are: key, kind, and value or its place. */
  private final WireAttributes wire = new WireAttributes();

  private Key[] keyOf = new Key[FEW];
  private long list;

  /** A key and the last list it stood in. */
  private static final class Key extends BytesTable.Entry {
    private final @Nullable PromotedColumn column;
    private long lastList;

    Key(byte[] bytes, int offset, int length, @Nullable PromotedColumn column) {
      super(bytes, offset, length);
      this.column = column;
    }

    @Nullable ColumnSink column(AttributeType type) {
      return column != null && column.type() == type ? column.sink() : null;
    }
  }

  /** A promoted key; only the sink of its type is used. */
  private record PromotedColumn(AttributeType type, ColumnSink sink) {}

  AttributeSink(
      String name,
      AttributeScope scope,
      MessageColumns.Attributes attributes,
      StructSink sinks,
      Supplier<TextSink> text) {
    limits = attributes.limits();
    texts = sinks.add(AttributeType.STRING.mapColumn(name), false, new MapSink<>(TextSink.plain()));
    ints = sinks.add(AttributeType.INT.mapColumn(name), false, new MapSink<>(LongSink.ofLongs()));
    doubles =
        sinks.add(AttributeType.DOUBLE.mapColumn(name), false, new MapSink<>(LongSink.ofDoubles()));
    bools = sinks.add(AttributeType.BOOL.mapColumn(name), false, new MapSink<>(new BoolSink()));
    jsons = sinks.add(AttributeType.JSON.mapColumn(name), false, new MapSink<>(TextSink.plain()));
    for (PromotedAttribute attribute : attributes.columns().promoted()) {
      if (attribute.scope() == scope) {
        ColumnSink sink =
            switch (attribute.type()) {
              case STRING, JSON -> text.get();
              case INT -> LongSink.ofLongs();
              case DOUBLE -> LongSink.ofDoubles();
              case BOOL -> new BoolSink();
            };
        sinks.add(attribute.column(), false, sink);
        promoted.put(attribute.key(), new PromotedColumn(attribute.type(), sink));
      }
    }
    forgetKeys();
  }

  /** Puts a list of {@link KeyValue}. */
  void put(int row, List<?> attributes) {
    Collection<?> distinct = hasDuplicates(attributes) ? lastOfEachKey(attributes) : attributes;
    for (Object attribute : distinct) {
      KeyValue keyValue = (KeyValue) attribute;
      put(row, keyValue.getKey(), keyValue.getValue());
    }
  }

  /**
   * Puts a list of a frame.
   *
   * @throws NotPlain if it is malformed or has an attribute that is not to be stored; some may have
   *     been put
   */
  void put(int row, WireFrame frame, int attributes) {
    int count = frame.count(attributes);
    if (count == 0) {
      return;
    }
    if (keys.size() > promoted.size() + MAX_KEYS || keys.totalBytes() > MAX_KEY_BYTES) {
      forgetKeys();
    }
    if (readKeys(frame, attributes)) {
      for (int i = 0; i < count; i++) {
        put(row, keyOf[i], frame.bytes(), i);
      }
    } else {
      List<KeyValue> parsed = frame.parse(attributes, KeyValue.parser());
      if (limits.check(parsed) != null) {
        throw new NotPlain();
      }
      put(row, parsed);
    }
  }

  /** Reads a list, and tells whether no key stands twice in it. */
  private boolean readKeys(WireFrame frame, int attributes) {
    wire.read(frame, attributes);
    int count = frame.count(attributes);
    if (keyOf.length < count) {
      keyOf = new Key[Math.max(count, 2 * keyOf.length)];
    }
    list++;
    for (int i = 0; i < count; i++) {
      Key key = key(frame.bytes(), wire.keyOffset(i), wire.keyLength(i));
      if (key.lastList == list) {
        return false;
      }
      key.lastList = list;
      keyOf[i] = key;
    }
    return true;
  }

  private Key key(byte[] bytes, int offset, int length) {
    Key known = keys.find(bytes, offset, length);
    if (known != null) {
      return known;
    }
    WireInput.requireUtf8(bytes, offset, length);
    Key added = new Key(bytes, offset, length, null);
    keys.add(added);
    return added;
  }

  private void put(int row, Key key, byte[] bytes, int i) {
    switch (wire.kind(i)) {
      case TEXT -> {
        int offset = wire.offset(i);
        int length = wire.length(i);
        WireInput.requireUtf8(bytes, offset, length);
        if (length > limits.maxValueBytes()) {
          throw new NotPlain();
        }
        ColumnSink column = key.column(AttributeType.STRING);
        if (column != null) {
          ((TextSink) column).put(row, bytes, offset, length);
        } else {
          texts.values().put(texts.putKey(row, key.bytes()), bytes, offset, length);
        }
      }
      case INT -> {
        ColumnSink column = key.column(AttributeType.INT);
        if (column != null) {
          ((LongSink) column).put(row, wire.value(i));
        } else {
          ints.values().put(ints.putKey(row, key.bytes()), wire.value(i));
        }
      }
      case DOUBLE -> {
        ColumnSink column = key.column(AttributeType.DOUBLE);
        if (column != null) {
          ((LongSink) column).put(row, wire.value(i));
        } else {
          doubles.values().put(doubles.putKey(row, key.bytes()), wire.value(i));
        }
      }
      case BOOL -> {
        ColumnSink column = key.column(AttributeType.BOOL);
        if (column != null) {
          ((BoolSink) column).put(row, wire.value(i) != 0);
        } else {
          bools.values().put(bools.putKey(row, key.bytes()), wire.value(i) != 0);
        }
      }
      case OTHER -> {
        AnyValue value = WireFrame.parse(AnyValue.parser(), bytes, wire.offset(i), wire.length(i));
        String text = new String(key.bytes(), StandardCharsets.UTF_8);
        if (limits.check(text, value) != null) {
          throw new NotPlain();
        }
        put(row, text, value);
      }
    }
  }

  private void forgetKeys() {
    keys.clear();
    promoted.forEach(
        (key, column) -> {
          byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
          keys.add(new Key(bytes, 0, bytes.length, column));
        });
  }

  /** How many values a list of {@code size} attributes adds at the most, nulls included. */
  long cost(int row, int size) {
    return 2L * size + (long) Math.min(size, promoted.size()) * (row + 1);
  }

  private void put(int row, String key, AnyValue value) {
    switch (value.getValueCase()) {
      case STRING_VALUE -> {
        ColumnSink column = column(key, AttributeType.STRING);
        if (column != null) {
          ((TextSink) column).put(row, value.getStringValue());
        } else {
          texts.values().put(texts.putKey(row, key), value.getStringValue());
        }
      }
      case INT_VALUE -> {
        ColumnSink column = column(key, AttributeType.INT);
        if (column != null) {
          ((LongSink) column).put(row, value.getIntValue());
        } else {
          ints.values().put(ints.putKey(row, key), value.getIntValue());
        }
      }
      case DOUBLE_VALUE -> {
        ColumnSink column = column(key, AttributeType.DOUBLE);
        if (column != null) {
          ((LongSink) column).put(row, value.getDoubleValue());
        } else {
          doubles.values().put(doubles.putKey(row, key), value.getDoubleValue());
        }
      }
      case BOOL_VALUE -> {
        ColumnSink column = column(key, AttributeType.BOOL);
        if (column != null) {
          ((BoolSink) column).put(row, value.getBoolValue());
        } else {
          bools.values().put(bools.putKey(row, key), value.getBoolValue());
        }
      }
      case ARRAY_VALUE, KVLIST_VALUE, BYTES_VALUE, STRING_VALUE_STRINDEX, VALUE_NOT_SET -> {
        ColumnSink column = column(key, AttributeType.JSON);
        byte[] json = AnyValueJson.write(value);
        if (column != null) {
          ((TextSink) column).put(row, json, 0, json.length);
        } else {
          jsons.values().put(jsons.putKey(row, key), json, 0, json.length);
        }
      }
    }
  }

  private @Nullable ColumnSink column(String key, AttributeType type) {
    PromotedColumn column = promoted.get(key);
    return column != null && column.type() == type ? column.sink() : null;
  }

  private static boolean hasDuplicates(List<?> attributes) {
    int size = attributes.size();
    if (size > FEW) {
      Set<String> keys = new HashSet<>();
      for (Object attribute : attributes) {
        if (!keys.add(((KeyValue) attribute).getKey())) {
          return true;
        }
      }
      return false;
    }
    for (int i = 1; i < size; i++) {
      String key = ((KeyValue) attributes.get(i)).getKey();
      for (int j = 0; j < i; j++) {
        if (key.equals(((KeyValue) attributes.get(j)).getKey())) {
          return true;
        }
      }
    }
    return false;
  }

  private static Collection<KeyValue> lastOfEachKey(List<?> attributes) {
    Map<String, KeyValue> last = new LinkedHashMap<>();
    for (Object attribute : attributes) {
      KeyValue keyValue = (KeyValue) attribute;
      last.put(keyValue.getKey(), keyValue);
    }
    return last.values();
  }
}
