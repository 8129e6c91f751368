package millpond;

import java.io.BufferedOutputStream;
import java.io.File;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * A bucket as Hadoop's file system, so that Spark reads and writes `s3://`, `s3a://` and `s3n://` unchanged.
 *
 * What Spark writes before it commits (`_temporary`, `.spark-staging-...`) stays in a local folder, and
 * becomes objects when the commit renames it: a job that fails leaves nothing in the bucket, and no
 * notification is sent of a file that does not stay.
 */
public final class S3FileSystem extends FileSystem {
  private static final long BLOCK = 64L << 20;
  private static volatile boolean detached = false;

  private URI uri;
  private String bucket;
  private S3Client client;
  private File staging;
  private Path workingDirectory;

  /** While Spark's catalog alone is changed, to what the Data Catalog has, no object is seen or deleted. */
  public static void setDetached(boolean isDetached) {
    detached = isDetached;
  }

  public void initialize(URI name, Configuration configuration) throws IOException {
    super.initialize(name, configuration);
    setConf(configuration);
    uri = URI.create(name.getScheme() + "://" + name.getAuthority());
    bucket = name.getAuthority();
    workingDirectory = new Path(uri.toString() + "/");
    staging = new File(configuration.get("fs.millpond.staging"), bucket);
    client = new S3Client(configuration.get("fs.millpond.endpoint"), configuration.get("fs.millpond.region"));
  }

  public String getScheme() {
    return uri == null ? "s3" : uri.getScheme();
  }

  public URI getUri() {
    return uri;
  }

  public Path getWorkingDirectory() {
    return workingDirectory;
  }

  public void setWorkingDirectory(Path path) {
    workingDirectory = makeQualified(path);
  }

  public long getDefaultBlockSize(Path path) {
    return BLOCK;
  }

  // Reading

  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    if (staged(path)) {
      return new FSDataInputStream(new LocalInputStream(local(path)));
    }
    S3Client.Entry object = client.head(bucket, key(path));
    if (object == null) {
      throw missing(path);
    }
    return new FSDataInputStream(new S3InputStream(client, bucket, object.key, object.size));
  }

  public FileStatus getFileStatus(Path path) throws IOException {
    if (staged(path)) {
      return status(local(path), path);
    }
    if (detached) {
      throw missing(path);
    }
    String key = key(path);
    // First as a folder: who may read what is in it need not be allowed to look at its name as a key.
    if (key.isEmpty() || !client.list(bucket, key + "/", false, 1).isEmpty()) {
      return folder(path);
    }
    S3Client.Entry object = client.head(bucket, key);
    if (object == null) {
      throw missing(path);
    }
    return file(object, path);
  }

  public FileStatus[] listStatus(Path path) throws IOException {
    List found = new ArrayList();
    if (staged(path)) {
      File[] files = local(path).listFiles();
      if (files == null) {
        return new FileStatus[] {status(local(path), path)};
      }
      for (int i = 0; i < files.length; i++) {
        found.add(status(files[i], new Path(path, files[i].getName())));
      }
    } else {
      String key = key(path);
      String prefix = key.isEmpty() ? "" : key + "/";
      List entries = client.list(bucket, prefix, true, 0);
      for (Object item : entries) {
        S3Client.Entry entry = (S3Client.Entry) item;
        String name = entry.key.substring(prefix.length());
        // The folder's own marker, and those of tools that write them.
        if (name.isEmpty() || name.equals("/") || name.endsWith("_$folder$")) {
          continue;
        }
        Path child = path(entry.key);
        found.add(entry.directory ? folder(child) : file(entry, child));
      }
      if (entries.isEmpty()) {
        S3Client.Entry object = key.isEmpty() ? null : client.head(bucket, key);
        if (object == null) {
          throw missing(path);
        }
        found.add(file(object, path));
      }
    }
    FileStatus[] statuses = new FileStatus[found.size()];
    for (int i = 0; i < statuses.length; i++) {
      statuses[i] = (FileStatus) found.get(i);
    }
    return statuses;
  }

  // Writing

  public FSDataOutputStream create(
      Path path, FsPermission permission, boolean overwrite, int bufferSize, short replication,
      long blockSize, Progressable progress)
      throws IOException {
    if (staged(path)) {
      File file = local(path);
      file.getParentFile().mkdirs();
      return new FSDataOutputStream(new BufferedOutputStream(new FileOutputStream(file)), statistics);
    }
    if (!overwrite && client.head(bucket, key(path)) != null) {
      throw new FileAlreadyExistsException(path.toString());
    }
    staging.mkdirs();
    File file = File.createTempFile("object", "", staging);
    return new FSDataOutputStream(new S3OutputStream(client, bucket, key(path), file), statistics);
  }

  public FSDataOutputStream append(Path path, int bufferSize, Progressable progress) {
    throw new UnsupportedOperationException("Objects in S3 cannot be appended to: " + path);
  }

  public boolean mkdirs(Path path, FsPermission permission) {
    return !staged(path) || local(path).isDirectory() || local(path).mkdirs();
  }

  public boolean delete(Path path, boolean recursive) throws IOException {
    if (staged(path)) {
      return deleteAll(local(path));
    }
    if (detached) {
      return true;
    }
    String key = key(path);
    List inside = client.list(bucket, key.isEmpty() ? "" : key + "/", false, 0);
    if (!inside.isEmpty() && !recursive) {
      throw new IOException("Directory is not empty: " + path);
    }
    for (Object item : inside) {
      client.delete(bucket, ((S3Client.Entry) item).key);
    }
    boolean isObject = inside.isEmpty() && !key.isEmpty() && client.head(bucket, key) != null;
    if (isObject) {
      client.delete(bucket, key);
    }
    return isObject || !inside.isEmpty();
  }

  public boolean rename(Path source, Path target) throws IOException {
    if (staged(source)) {
      return commit(local(source), target);
    }
    if (staged(target)) {
      throw new IOException("Cannot move " + source + " to " + target);
    }
    String to = key(target);
    if (!client.list(bucket, to + "/", false, 1).isEmpty()) {
      to = to + "/" + source.getName();
    }
    String from = key(source);
    List inside = client.list(bucket, from + "/", false, 0);
    for (Object item : inside) {
      S3Client.Entry entry = (S3Client.Entry) item;
      move(entry.key, to + entry.key.substring(from.length()));
    }
    if (inside.isEmpty()) {
      if (client.head(bucket, from) == null) {
        return false;
      }
      move(from, to);
    }
    return true;
  }

  private void move(String from, String to) throws IOException {
    client.copy(bucket, from, to);
    client.delete(bucket, from);
  }

  /** What was written locally goes where it is to stay. */
  private boolean commit(File source, Path target) throws IOException {
    if (staged(target)) {
      File to = local(target);
      to.getParentFile().mkdirs();
      return source.renameTo(to);
    }
    if (source.isDirectory()) {
      File[] files = source.listFiles();
      for (int i = 0; i < files.length; i++) {
        commit(files[i], new Path(target, files[i].getName()));
      }
      return source.delete();
    }
    if (!source.exists()) {
      return false;
    }
    client.put(bucket, key(target), source);
    return source.delete();
  }

  private static boolean deleteAll(File file) {
    File[] files = file.listFiles();
    for (int i = 0; files != null && i < files.length; i++) {
      deleteAll(files[i]);
    }
    return file.delete();
  }

  // Paths

  private static boolean staged(Path path) {
    for (Path part = path; part != null; part = part.getParent()) {
      String name = part.getName();
      if (name.startsWith("_temporary") || name.startsWith(".spark-staging-")) {
        return true;
      }
    }
    return false;
  }

  private File local(Path path) {
    return new File(staging, key(path));
  }

  private String key(Path path) {
    String text = makeQualified(path).toUri().getPath();
    return text.startsWith("/") ? text.substring(1) : text;
  }

  private Path path(String key) {
    String text = key.endsWith("/") ? key.substring(0, key.length() - 1) : key;
    return new Path(uri.getScheme(), bucket, "/" + text);
  }

  private FileNotFoundException missing(Path path) {
    return new FileNotFoundException("No such file or directory: " + path);
  }

  private FileStatus folder(Path path) {
    return new FileStatus(0L, true, 1, BLOCK, 0L, makeQualified(path));
  }

  private FileStatus file(S3Client.Entry object, Path path) {
    return new FileStatus(object.size, false, 1, BLOCK, object.modified, makeQualified(path));
  }

  private FileStatus status(File file, Path path) throws IOException {
    if (!file.exists()) {
      throw missing(path);
    }
    return new FileStatus(
        file.length(), file.isDirectory(), 1, BLOCK, file.lastModified(), makeQualified(path));
  }
}
