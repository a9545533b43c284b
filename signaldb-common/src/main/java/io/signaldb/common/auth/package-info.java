/** Who a request comes from: one authenticator for HTTP, gRPC and Flight. */
@NullMarked
package io.signaldb.common.auth;

import org.jspecify.annotations.NullMarked;
