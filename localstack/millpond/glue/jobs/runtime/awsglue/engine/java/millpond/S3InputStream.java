package millpond;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.fs.FSInputStream;

/** Reads an object, a window at a time: formats with an index read little pieces from here and there. */
final class S3InputStream extends FSInputStream {
  private static final long WINDOW = 8L << 20;
  private static final long SKIPPED = 1L << 16;

  private final S3Client client;
  private final String bucket;
  private final String key;
  private final long length;
  private InputStream window;
  private long windowEnd;
  private long position;

  S3InputStream(S3Client client, String bucket, String key, long length) {
    this.client = client;
    this.bucket = bucket;
    this.key = key;
    this.length = length;
  }

  public synchronized int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 255;
  }

  public synchronized int read(byte[] buffer, int offset, int count) throws IOException {
    if (count == 0) {
      return 0;
    }
    if (position >= length) {
      return -1;
    }
    if (window == null || position >= windowEnd) {
      closeWindow();
      windowEnd = Math.min(length, position + WINDOW);
      window = client.get(bucket, key, position, windowEnd - position);
    }
    int n = window.read(buffer, offset, (int) Math.min((long) count, windowEnd - position));
    if (n < 0) {
      throw new EOFException("s3://" + bucket + "/" + key + " ended at " + position + " of " + length);
    }
    position += n;
    return n;
  }

  public synchronized void seek(long target) throws IOException {
    if (target < 0 || target > length) {
      throw new EOFException("Cannot seek to " + target + " of s3://" + bucket + "/" + key);
    }
    if (target < position || target - position > SKIPPED || target >= windowEnd) {
      closeWindow();
      position = target;
    }
    byte[] rest = new byte[S3Client.COPY_BYTES];
    while (position < target) {
      read(rest, 0, (int) Math.min((long) rest.length, target - position));
    }
  }

  public synchronized long getPos() {
    return position;
  }

  public boolean seekToNewSource(long target) {
    return false;
  }

  public synchronized int available() {
    return (int) Math.min(length - position, (long) Integer.MAX_VALUE);
  }

  public synchronized void close() throws IOException {
    closeWindow();
  }

  private void closeWindow() throws IOException {
    if (window != null) {
      window.close();
      window = null;
    }
  }
}
