package io.signaldb.acceptor.otlp;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.WireFormat;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the fields of one kind of message go in a {@link WireFrame}: a number per field, which is
 * its value or its place. Every field of the message is known, so that what no column needs is
 * still checked as protobuf's parser would. Bound at start, then read only.
 */
final class WireLayout {
  /** What is done with a field of a given tag. */
  enum Action {
    /** The field is unknown, or has a wire type it should not have. */
    SKIP,
    VARINT,
    /** A varint in zigzag order. */
    SIGNED_VARINT,
    FIXED32,
    FIXED64,
    BYTES,
    TEXT,
    /** Numbers one behind the other. */
    PACKED,
    /** A text of which there may be any number. */
    TEXTS,
    /** A message whose fields have slots of their own. */
    ENTER,
    /** A message of which there may be any number. */
    LIST,
    /** A message that nothing needs, only to be well-formed. */
    CHECK,
    /** Nothing that is read this way has such a field. */
    GIVE_UP
  }

  /**
   * A step of reading.
   *
   * @param index of the slot or list
   * @param presence slot of the number of the field that was found, of one field or of a oneof; -1
   *     if that is not asked for
   * @param number of the field
   * @param inner of ENTER
   * @param parser of CHECK
   */
  record Step(
      Action action,
      int index,
      int presence,
      int number,
      @Nullable WireLayout inner,
      @Nullable Parser<?> parser) {
    private static final Step SKIP = new Step(Action.SKIP, 0, -1, 0, null, null);

    Step enter(WireLayout layout) {
      return new Step(Action.ENTER, index, presence, number, layout, null);
    }

    Step list(int list) {
      return new Step(Action.LIST, list, presence, number, null, null);
    }
  }

  /** Slots and lists are numbered across a message and those inside of it. */
  private static final class Numbers {
    int slots;
    int lists;
  }

  private final Message prototype;
  private final Numbers numbers;
  private final Map<String, Integer> tags = new HashMap<>();
  private Step[] steps = {};

  private WireLayout(Message prototype, Numbers numbers) {
    this.prototype = prototype;
    this.numbers = numbers;
    Map<OneofDescriptor, Integer> oneofs = new HashMap<>();
    for (FieldDescriptor field : prototype.getDescriptorForType().getFields()) {
      Action action = action(field);
      Parser<?> parser = action == Action.CHECK ? inner(field).getParserForType() : null;
      int tag = field.getNumber() << 3 | wireType(action);
      tags.put(field.getName(), tag);
      int index = action == Action.TEXTS ? numbers.lists++ : numbers.slots++;
      OneofDescriptor oneof = field.getContainingOneof();
      int presence =
          oneof != null
              ? oneofs.computeIfAbsent(oneof, missing -> numbers.slots++)
              : field.hasPresence() ? numbers.slots++ : -1;
      set(tag, new Step(action, index, presence, field.getNumber(), null, parser));
      if (action == Action.PACKED) {
        int unpacked = field.getNumber() << 3 | field.getLiteType().getWireType();
        set(unpacked, new Step(Action.GIVE_UP, 0, -1, field.getNumber(), null, null));
      }
    }
  }

  /** The layout of a generated message class. */
  static WireLayout of(Class<?> message) {
    return new WireLayout(prototype(message), new Numbers());
  }

  /** Protobuf's parser of the message. */
  Parser<? extends Message> parser() {
    return prototype.getParserForType();
  }

  int slots() {
    return numbers.slots;
  }

  int lists() {
    return numbers.lists;
  }

  /** What to do with a field; never null. */
  Step step(int tag) {
    return tag >= 0 && tag < steps.length ? steps[tag] : Step.SKIP;
  }

  /**
   * The slot of a field that is not repeated.
   *
   * @param column for the message of the error
   * @throws IllegalArgumentException if it has a type that is not read this way
   */
  int slot(String column, List<String> path) {
    WireLayout owner = owner(column, path);
    Step step = owner.last(path);
    return switch (step.action()) {
      case VARINT, SIGNED_VARINT, FIXED32, FIXED64, BYTES, TEXT, PACKED -> step.index();
      case SKIP, ENTER, LIST, TEXTS, CHECK, GIVE_UP ->
          throw ProtobufGetter.wrong(
              column, "a field like %s cannot be read from the wire".formatted(path));
    };
  }

  /** The slot of a message that is not repeated, by its place; it has to be parsed. */
  int messageSlot(String column, List<String> path) {
    WireLayout owner = owner(column, path);
    Step step = owner.last(path);
    if (step.action() == Action.BYTES && owner.isMessage(path)) {
      return step.index(); // another column has asked for it
    }
    if (step.action() != Action.CHECK) {
      throw ProtobufGetter.wrong(column, "%s is no message of its own".formatted(path));
    }
    Step bytes = new Step(Action.BYTES, step.index(), step.presence(), step.number(), null, null);
    owner.set(owner.tag(path), bytes);
    return step.index();
  }

  private boolean isMessage(List<String> path) {
    FieldDescriptor field =
        prototype.getDescriptorForType().findFieldByName(path.get(path.size() - 1));
    return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
  }

  /** How a frame tells whether a message has the field. */
  Presence presence(String column, List<String> path) {
    Step step = owner(column, path).last(path);
    if (step.presence() < 0) {
      throw ProtobufGetter.wrong(column, "protobuf does not tell whether there is " + path);
    }
    return new Presence(step.presence(), step.number());
  }

  /**
   * A field is there if its slot has its number.
   *
   * @param slot one for all fields of a oneof
   */
  record Presence(int slot, int number) {
    boolean in(WireFrame frame) {
      return frame.value(slot) == number;
    }
  }

  /** Whether a PACKED list is of varints, not of eight bytes each. */
  boolean isPackedVarint(String column, List<String> path) {
    FieldDescriptor field =
        owner(column, path)
            .prototype
            .getDescriptorForType()
            .findFieldByName(path.get(path.size() - 1));
    return field.getLiteType().getWireType() == WireFormat.WIRETYPE_VARINT;
  }

  /** The number of the list of a repeated text; see {@link #slot}. */
  int texts(String column, List<String> path) {
    Step step = owner(column, path).last(path);
    if (step.action() != Action.TEXTS) {
      throw ProtobufGetter.wrong(column, "%s is no list of texts".formatted(path));
    }
    return step.index();
  }

  /** The number of the list of a repeated message; see {@link #slot}. */
  int list(String column, List<String> path) {
    WireLayout owner = owner(column, path);
    Step step = owner.last(path);
    if (step.action() == Action.CHECK) {
      step = step.list(numbers.lists++);
      owner.set(owner.tag(path), step);
    }
    if (step.action() != Action.LIST) {
      throw ProtobufGetter.wrong(column, "%s is no list of messages".formatted(path));
    }
    return step.index();
  }

  private WireLayout owner(String column, List<String> path) {
    WireLayout layout = this;
    for (int i = 1; i < path.size(); i++) {
      List<String> outer = path.subList(i - 1, i);
      Step step = layout.last(outer);
      WireLayout inner = step.inner();
      if (inner == null) {
        if (step.action() != Action.CHECK) {
          throw ProtobufGetter.wrong(column, "%s is no message".formatted(outer));
        }
        FieldDescriptor field =
            layout.prototype.getDescriptorForType().findFieldByName(outer.get(0));
        inner = new WireLayout(layout.inner(field), numbers);
        layout.set(layout.tag(outer), step.enter(inner));
      }
      layout = inner;
    }
    return layout;
  }

  private Step last(List<String> path) {
    return steps[tag(path)];
  }

  private int tag(List<String> path) {
    return tags.getOrDefault(path.get(path.size() - 1), 0);
  }

  private void set(int tag, Step step) {
    if (tag >= steps.length) {
      List<Step> more = new ArrayList<>(List.of(steps));
      while (more.size() <= tag) {
        more.add(Step.SKIP);
      }
      steps = more.toArray(new Step[0]);
    }
    steps[tag] = step;
  }

  private Message inner(FieldDescriptor field) {
    return prototype.newBuilderForType().newBuilderForField(field).getDefaultInstanceForType();
  }

  private static Action action(FieldDescriptor field) {
    if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !field.isMapField()) {
      return Action.CHECK;
    }
    if (field.isRepeated()) {
      return switch (field.getType()) {
        case FIXED64, SFIXED64, DOUBLE, UINT64, INT64 -> Action.PACKED;
        case STRING -> Action.TEXTS;
        default -> Action.GIVE_UP;
      };
    }
    return switch (field.getType()) {
      case INT32, UINT32, INT64, UINT64, BOOL, ENUM -> Action.VARINT;
      case SINT32, SINT64 -> Action.SIGNED_VARINT;
      case FIXED32, SFIXED32 -> Action.FIXED32;
      case FIXED64, SFIXED64, DOUBLE -> Action.FIXED64;
      case BYTES -> Action.BYTES;
      case STRING -> Action.TEXT;
      case FLOAT, GROUP, MESSAGE -> Action.GIVE_UP;
    };
  }

  private static int wireType(Action action) {
    return switch (action) {
      case VARINT, SIGNED_VARINT -> WireFormat.WIRETYPE_VARINT;
      case FIXED32 -> WireFormat.WIRETYPE_FIXED32;
      case FIXED64 -> WireFormat.WIRETYPE_FIXED64;
      case BYTES, TEXT, PACKED, TEXTS, ENTER, LIST, CHECK -> WireFormat.WIRETYPE_LENGTH_DELIMITED;
      case SKIP, GIVE_UP -> WireFormat.WIRETYPE_LENGTH_DELIMITED;
    };
  }

  private static Message prototype(Class<?> message) {
    try {
      return (Message) message.getMethod("getDefaultInstance").invoke(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(message + " is no generated protobuf message", e);
    }
  }
}
