package millpond;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * The six operations of S3's API that a file system needs, signed with the job's own credentials.
 *
 * No vendor's SDK is at hand where this runs, only the Java runtime. It is compiled by Janino, which knows
 * neither lambdas nor generic types' arguments nor try-with-resources.
 */
final class S3Client {
  static final int COPY_BYTES = 1 << 16;
  private static final String UNSIGNED = "UNSIGNED-PAYLOAD";
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private final String endpoint;
  private final String region;

  S3Client(String endpoint, String region) {
    this.endpoint = endpoint;
    this.region = region;
  }

  /** An object or, where `directory` is set, a common prefix. */
  static final class Entry {
    final String key;
    final long size;
    final long modified;
    final boolean directory;

    Entry(String key, long size, long modified, boolean directory) {
      this.key = key;
      this.size = size;
      this.modified = modified;
      this.directory = directory;
    }
  }

  /** An object's size and time, null if there is none. */
  Entry head(String bucket, String key) throws IOException {
    HttpURLConnection connection = send("HEAD", bucket, key, new TreeMap(), new TreeMap(), null);
    int status = connection.getResponseCode();
    if (status == 404) {
      return null;
    }
    check(connection, bucket, key);
    return new Entry(key, connection.getContentLengthLong(), connection.getLastModified(), false);
  }

  /** The bytes of an object from a position on, at most `length` of them. */
  InputStream get(String bucket, String key, long position, long length) throws IOException {
    TreeMap headers = new TreeMap();
    headers.put("range", "bytes=" + position + "-" + (position + length - 1));
    HttpURLConnection connection = send("GET", bucket, key, new TreeMap(), headers, null);
    check(connection, bucket, key);
    return connection.getInputStream();
  }

  void put(String bucket, String key, File content) throws IOException {
    finish(send("PUT", bucket, key, new TreeMap(), new TreeMap(), content), bucket, key);
  }

  void copy(String bucket, String source, String target) throws IOException {
    TreeMap headers = new TreeMap();
    headers.put("x-amz-copy-source", "/" + bucket + "/" + encoded(source, true));
    finish(send("PUT", bucket, target, new TreeMap(), headers, null), bucket, target);
  }

  void delete(String bucket, String key) throws IOException {
    finish(send("DELETE", bucket, key, new TreeMap(), new TreeMap(), null), bucket, key);
  }

  /** What lies under a prefix: `Entry`s; with a delimiter, one level of it. */
  List list(String bucket, String prefix, boolean oneLevel, int limit) throws IOException {
    List found = new ArrayList();
    String token = null;
    do {
      TreeMap query = new TreeMap();
      query.put("list-type", "2");
      query.put("prefix", prefix);
      if (oneLevel) {
        query.put("delimiter", "/");
      }
      if (limit > 0) {
        query.put("max-keys", Integer.toString(limit));
      }
      if (token != null) {
        query.put("continuation-token", token);
      }
      HttpURLConnection connection = send("GET", bucket, "", query, new TreeMap(), null);
      check(connection, bucket, prefix);
      token = readPage(connection.getInputStream(), found);
    } while (token != null && limit <= 0);
    return found;
  }

  private static String readPage(InputStream body, List found) throws IOException {
    Element page;
    try {
      Document document = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(body);
      page = document.getDocumentElement();
    } catch (ParserConfigurationException error) {
      throw new IOException(error);
    } catch (SAXException error) {
      throw new IOException(error);
    } finally {
      body.close();
    }
    NodeList objects = page.getElementsByTagName("Contents");
    for (int i = 0; i < objects.getLength(); i++) {
      Element object = (Element) objects.item(i);
      long modified = Instant.parse(text(object, "LastModified")).toEpochMilli();
      found.add(new Entry(text(object, "Key"), Long.parseLong(text(object, "Size")), modified, false));
    }
    NodeList prefixes = page.getElementsByTagName("CommonPrefixes");
    for (int i = 0; i < prefixes.getLength(); i++) {
      found.add(new Entry(text((Element) prefixes.item(i), "Prefix"), 0L, 0L, true));
    }
    return text(page, "NextContinuationToken");
  }

  private static String text(Element parent, String name) {
    NodeList nodes = parent.getElementsByTagName(name);
    return nodes.getLength() == 0 ? null : nodes.item(0).getTextContent();
  }

  // Requests

  private HttpURLConnection send(
      String method, String bucket, String key, TreeMap query, TreeMap headers, File content)
      throws IOException {
    String path = "/" + bucket + (key.isEmpty() ? "" : "/" + encoded(key, true));
    StringBuilder parameters = new StringBuilder();
    for (Object item : query.entrySet()) {
      Map.Entry parameter = (Map.Entry) item;
      parameters.append(parameters.length() == 0 ? "" : "&");
      parameters.append(parameter.getKey()).append("=").append(encoded((String) parameter.getValue(), false));
    }
    URL url = new URL(endpoint + path + (query.isEmpty() ? "" : "?" + parameters));
    HttpURLConnection connection = (HttpURLConnection) url.openConnection();
    connection.setRequestMethod(method);
    connection.setConnectTimeout(10000);
    connection.setReadTimeout(300000);
    sign(connection, method, url, path, parameters.toString(), headers);
    if (method.equals("PUT")) {
      connection.setDoOutput(true);
      connection.setFixedLengthStreamingMode(content == null ? 0L : content.length());
      OutputStream body = connection.getOutputStream();
      if (content != null) {
        copyAll(new FileInputStream(content), body);
      }
      body.close();
    }
    return connection;
  }

  /** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
  private void sign(
      HttpURLConnection connection, String method, URL url, String path, String query, TreeMap headers)
      throws IOException {
    String stamp = STAMP.format(Instant.now());
    headers.put("host", url.getAuthority());
    headers.put("x-amz-content-sha256", UNSIGNED);
    headers.put("x-amz-date", stamp);
    if (System.getenv("AWS_SESSION_TOKEN") != null) {
      headers.put("x-amz-security-token", System.getenv("AWS_SESSION_TOKEN"));
    }
    StringBuilder canonical = new StringBuilder();
    StringBuilder names = new StringBuilder();
    for (Object item : headers.entrySet()) {
      Map.Entry header = (Map.Entry) item;
      canonical.append(header.getKey()).append(":").append(header.getValue()).append("\n");
      names.append(names.length() == 0 ? "" : ";").append(header.getKey());
      if (!header.getKey().equals("host")) {
        connection.setRequestProperty((String) header.getKey(), (String) header.getValue());
      }
    }
    String request =
        method + "\n" + path + "\n" + query + "\n" + canonical + "\n" + names + "\n" + UNSIGNED;
    String scope = stamp.substring(0, 8) + "/" + region + "/s3/aws4_request";
    try {
      String hash = hex(MessageDigest.getInstance("SHA-256").digest(bytes(request)));
      String text = "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope + "\n" + hash;
      byte[] key = hmac(bytes("AWS4" + System.getenv("AWS_SECRET_ACCESS_KEY")), stamp.substring(0, 8));
      key = hmac(hmac(hmac(key, region), "s3"), "aws4_request");
      connection.setRequestProperty(
          "Authorization",
          "AWS4-HMAC-SHA256 Credential=" + System.getenv("AWS_ACCESS_KEY_ID") + "/" + scope
              + ", SignedHeaders=" + names + ", Signature=" + hex(hmac(key, text)));
    } catch (GeneralSecurityException error) {
      throw new IOException(error);
    }
  }

  private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(bytes(text));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String hex(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < bytes.length; i++) {
      text.append(Character.forDigit((bytes[i] >> 4) & 15, 16)).append(Character.forDigit(bytes[i] & 15, 16));
    }
    return text.toString();
  }

  private static String encoded(String text, boolean isPath) {
    StringBuilder encoded = new StringBuilder();
    byte[] all = bytes(text);
    for (int i = 0; i < all.length; i++) {
      char c = (char) (all[i] & 255);
      boolean plain = c < 128 && (Character.isLetterOrDigit(c) || "-_.~".indexOf(c) >= 0);
      if (plain || (isPath && c == '/')) {
        encoded.append(c);
      } else {
        encoded.append('%').append(hex(new byte[] {all[i]}).toUpperCase());
      }
    }
    return encoded.toString();
  }

  // Answers

  private static void finish(HttpURLConnection connection, String bucket, String key) throws IOException {
    check(connection, bucket, key);
    connection.getInputStream().close();
  }

  private static void check(HttpURLConnection connection, String bucket, String key) throws IOException {
    int status = connection.getResponseCode();
    if (status < 300) {
      return;
    }
    String where = "s3://" + bucket + "/" + key;
    String code = "";
    String message = status == 403 ? "Access Denied" : "S3 answered " + status;
    InputStream body = connection.getErrorStream();
    if (body != null) {
      ByteArrayOutputStream content = new ByteArrayOutputStream();
      copyAll(body, content);
      String answer = content.toString("UTF-8");
      code = between(answer, "Code", code);
      message = between(answer, "Message", message);
    }
    message = message + " (Service: Amazon S3; Status Code: " + status + "; Error Code: " + code + ")";
    if (status == 403) {
      throw new AccessDeniedException(where, null, message);
    }
    if (status == 404) {
      throw new FileNotFoundException(where + ": " + message);
    }
    throw new IOException(where + ": " + message);
  }

  private static String between(String answer, String tag, String otherwise) {
    int start = answer.indexOf("<" + tag + ">");
    int end = answer.indexOf("</" + tag + ">");
    return start < 0 || end < start ? otherwise : answer.substring(start + tag.length() + 2, end);
  }

  private static void copyAll(InputStream from, OutputStream to) throws IOException {
    byte[] buffer = new byte[COPY_BYTES];
    try {
      for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
        to.write(buffer, 0, n);
      }
    } finally {
      from.close();
    }
  }
}
