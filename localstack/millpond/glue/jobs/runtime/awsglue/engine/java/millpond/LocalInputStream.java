package millpond;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import org.apache.hadoop.fs.FSInputStream;

/** Reads a file that has not become an object yet. */
final class LocalInputStream extends FSInputStream {
  private final RandomAccessFile file;

  LocalInputStream(File file) throws IOException {
    this.file = new RandomAccessFile(file, "r");
  }

  public int read() throws IOException {
    return file.read();
  }

  public int read(byte[] buffer, int offset, int count) throws IOException {
    return file.read(buffer, offset, count);
  }

  public void seek(long target) throws IOException {
    file.seek(target);
  }

  public long getPos() throws IOException {
    return file.getFilePointer();
  }

  public boolean seekToNewSource(long target) {
    return false;
  }

  public void close() throws IOException {
    file.close();
  }
}
