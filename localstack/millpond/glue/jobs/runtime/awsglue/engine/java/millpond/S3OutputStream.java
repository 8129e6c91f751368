package millpond;

import java.io.BufferedOutputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Writes a local file, which becomes an object when it is closed: nobody sees half of one. */
final class S3OutputStream extends OutputStream {
  private final S3Client client;
  private final String bucket;
  private final String key;
  private final File file;
  private final OutputStream out;
  private boolean closed;

  S3OutputStream(S3Client client, String bucket, String key, File file) throws IOException {
    this.client = client;
    this.bucket = bucket;
    this.key = key;
    this.file = file;
    this.out = new BufferedOutputStream(new FileOutputStream(file));
  }

  public void write(int b) throws IOException {
    out.write(b);
  }

  public void write(byte[] bytes, int offset, int count) throws IOException {
    out.write(bytes, offset, count);
  }

  public void flush() throws IOException {
    out.flush();
  }

  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    out.close();
    try {
      client.put(bucket, key, file);
    } finally {
      file.delete();
    }
  }
}
