package io.signaldb.common.wal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/** Opens real files that fail on demand, as a full or a broken disk does. */
final class FailingDisk implements SegmentLog.ChannelOpener {
  private int bytesLeft = Integer.MAX_VALUE;
  private int failingWrites;
  private int failingForces;

  /** Takes so many more bytes, then refuses so many writes. */
  synchronized void failWritesAfter(int bytes, int writes) {
    bytesLeft = bytes;
    failingWrites = writes;
  }

  synchronized void failForces(int forces) {
    failingForces = forces;
  }

  synchronized void work() {
    bytesLeft = Integer.MAX_VALUE;
    failingWrites = 0;
    failingForces = 0;
  }

  private synchronized int allowed(int bytes) throws IOException {
    if (failingWrites > 0 && bytesLeft == 0) {
      failingWrites--;
      throw new IOException("No space left on device");
    }
    if (failingWrites == 0) {
      return bytes;
    }
    int allowed = Math.min(bytes, bytesLeft);
    bytesLeft -= allowed;
    return allowed;
  }

  private synchronized void beforeForce() throws IOException {
    if (failingForces > 0) {
      failingForces--;
      throw new IOException("Input/output error");
    }
  }

  @Override
  public FileChannel open(Path file, OpenOption... options) throws IOException {
    return new FailingChannel(FileChannel.open(file, options));
  }

  private final class FailingChannel extends FileChannel {
    private final FileChannel real;

    private FailingChannel(FileChannel real) {
      this.real = real;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      int allowed = allowed(source.remaining());
      int limit = source.limit();
      try {
        return real.write(source.limit(source.position() + allowed));
      } finally {
        source.limit(limit);
      }
    }

    @Override
    public void force(boolean metaData) throws IOException {
      beforeForce();
      real.force(metaData);
    }

    @Override
    public long position() throws IOException {
      return real.position();
    }

    @Override
    public FileChannel position(long newPosition) throws IOException {
      real.position(newPosition);
      return this;
    }

    @Override
    public long size() throws IOException {
      return real.size();
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
      real.truncate(size);
      return this;
    }

    @Override
    protected void implCloseChannel() throws IOException {
      real.close();
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int write(ByteBuffer source, long position) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int read(ByteBuffer target) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int read(ByteBuffer target, long position) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count) {
      throw new UnsupportedOperationException();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) {
      throw new UnsupportedOperationException();
    }
  }
}
