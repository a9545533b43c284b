/** What tests of every module use. */
package io.signaldb.common;
