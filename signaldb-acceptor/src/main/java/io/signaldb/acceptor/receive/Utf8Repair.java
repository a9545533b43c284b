package io.signaldb.acceptor.receive;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Replaces what is not UTF-8 in the string fields of an encoded message by U+FFFD, so that one
 * wrong text does not cost a whole request: protobuf's parser would refuse it.
 */
final class Utf8Repair {
  private int replaced;

  private Utf8Repair() {}

  /**
   * Copies a message.
   *
   * @return the copy with wrong text replaced, or null if there is none
   * @throws IOException if the message is malformed in another way
   */
  static @Nullable ByteString repair(ByteString message, Descriptor type) throws IOException {
    Utf8Repair repair = new Utf8Repair();
    ByteString copy = repair.copy(message, type, 0);
    return repair.replaced == 0 ? null : copy;
  }

  private ByteString copy(ByteString message, Descriptor type, int depth) throws IOException {
    if (depth > MessageFormat.MAX_DEPTH) {
      throw new IOException("messages are nested too deep");
    }
    ByteString.Output bytes = ByteString.newOutput(message.size());
    CodedInputStream input = message.newCodedInput();
    CodedOutputStream output = CodedOutputStream.newInstance(bytes);
    for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
      int number = WireFormat.getTagFieldNumber(tag);
      FieldDescriptor field = type.findFieldByNumber(number);
      if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED || field == null) {
        UnknownFieldSet.Builder other = UnknownFieldSet.newBuilder();
        other.mergeFieldFrom(tag, input);
        other.build().writeTo(output);
      } else {
        ByteString value = input.readBytes();
        output.writeBytes(
            number,
            switch (field.getJavaType()) {
              case MESSAGE -> copy(value, field.getMessageType(), depth + 1);
              case STRING -> text(value);
              default -> value;
            });
      }
    }
    output.flush();
    return bytes.toByteString();
  }

  private ByteString text(ByteString value) {
    if (value.isValidUtf8()) {
      return value;
    }
    replaced++;
    return ByteString.copyFromUtf8(value.toStringUtf8());
  }
}
