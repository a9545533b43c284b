/** What the HTTP and gRPC servers share: errors, health, metrics, authentication. */
@NullMarked
package io.signaldb.common.http;

import org.jspecify.annotations.NullMarked;
