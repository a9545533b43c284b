package io.signaldb.router.tempo;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import io.signaldb.router.tempo.proto.QueryInstantResponse;
import io.signaldb.router.tempo.proto.QueryRangeResponse;
import io.signaldb.router.tempo.proto.SearchResponse;
import io.signaldb.router.tempo.proto.SearchTagValuesResponse;
import io.signaldb.router.tempo.proto.SearchTagValuesV2Response;
import io.signaldb.router.tempo.proto.SearchTagsResponse;
import io.signaldb.router.tempo.proto.SearchTagsV2Response;
import java.util.Set;

/** The two forms of an answer: proto3 JSON, and protobuf for clients that accept it. */
enum TempoFormat {
  JSON,
  PROTOBUF;

  private static final MediaType PROTOBUF_TYPE = MediaType.create("application", "protobuf");

  /** Prints lists that clients expect even when empty; other defaults are left out. */
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer()
          .omittingInsignificantWhitespace()
          .includingDefaultValueFields(
              Set.of(
                  QueryRangeResponse.getDescriptor().findFieldByName("series"),
                  QueryInstantResponse.getDescriptor().findFieldByName("series"),
                  SearchResponse.getDescriptor().findFieldByName("traces"),
                  SearchTagsResponse.getDescriptor().findFieldByName("tag_names"),
                  SearchTagsV2Response.getDescriptor().findFieldByName("scopes"),
                  SearchTagValuesResponse.getDescriptor().findFieldByName("tag_values"),
                  SearchTagValuesV2Response.getDescriptor().findFieldByName("tag_values")));

  /** The form the client asks for. */
  static TempoFormat of(RequestHeaders request) {
    String accept = request.get(HttpHeaderNames.ACCEPT, "");
    return accept.contains("application/protobuf") ? PROTOBUF : JSON;
  }

  MediaType mediaType() {
    return switch (this) {
      case JSON -> MediaType.JSON_UTF_8;
      case PROTOBUF -> PROTOBUF_TYPE;
    };
  }

  HttpData write(Message message) {
    return switch (this) {
      case JSON -> HttpData.ofUtf8(json(message));
      case PROTOBUF -> HttpData.wrap(message.toByteArray());
    };
  }

  private static String json(Message message) {
    try {
      return PRINTER.print(message);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("A message without Any fields has a JSON form", e);
    }
  }
}
