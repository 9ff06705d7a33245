import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.sdk.schema.AttributeTypeDefinition;
import com.unboundid.ldap.sdk.schema.ObjectClassDefinition;
import com.unboundid.ldap.sdk.schema.Schema;
import com.unboundid.ldif.LDIFWriter;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;

/**
 * An LDAP directory for one machine: UnboundID's in-memory server on the loopback interface, with a change log
 * (cn=changelog) and its entries kept in one LDIF file. Started as a single source file:
 * {@code java -cp unboundid-ldapsdk.jar Directory.java --port 1389 --base-dn dc=example,dc=org --data-dir DIR}.
 * The administrator's password comes from DIRECTORY_PASSWORD. Prints "ready <port>" when it accepts connections.
 */
public final class Directory {
  private static final long SAVE_EVERY_MS = 5_000;
  private static final String[] REFERENCES = {"member", "uniqueMember", "manager"};

  public static void main(String[] args) throws Exception {
    Map<String, String> options = options(args);
    Path dataDir = Path.of(required(options, "data-dir"));
    Files.createDirectories(dataDir);
    Path saved = dataDir.resolve("directory.ldif");

    InMemoryDirectoryServer server = new InMemoryDirectoryServer(configuration(options));
    if (Files.exists(saved)) server.importFromLDIF(true, saved.toFile());
    else if (options.containsKey("ldif")) server.importFromLDIF(true, new File(options.get("ldif")));

    Saver saver = new Saver(server, saved);
    Runtime.getRuntime().addShutdownHook(new Thread(saver::saveQuietly));
    if (!Files.exists(saved)) saver.save();
    server.startListening();
    System.out.println("ready " + server.getListenPort());
    System.out.flush();

    while (true) {
      Thread.sleep(SAVE_EVERY_MS);
      saver.saveQuietly();
    }
  }

  private static InMemoryDirectoryServerConfig configuration(Map<String, String> options) throws Exception {
    InMemoryDirectoryServerConfig config = new InMemoryDirectoryServerConfig(required(options, "base-dn"));
    config.setListenerConfigs(
        new InMemoryListenerConfig(
            "ldap", InetAddress.getByName("127.0.0.1"), Integer.parseInt(required(options, "port")), null, null, null));
    String password = System.getenv("DIRECTORY_PASSWORD");
    if (password == null || password.isEmpty()) throw new IllegalArgumentException("DIRECTORY_PASSWORD is not set.");
    config.addAdditionalBindCredentials(options.getOrDefault("admin-dn", "cn=Directory Manager"), password);
    config.setMaxChangeLogEntries(Integer.parseInt(options.getOrDefault("max-change-log-entries", "100000")));
    config.setGenerateOperationalAttributes(true);
    config.setEnforceAttributeSyntaxCompliance(false);
    config.setEqualityIndexAttributes("entryUUID", "uid");
    if (Boolean.parseBoolean(options.getOrDefault("referential-integrity", "false")))
      config.setReferentialIntegrityAttributes(REFERENCES);
    config.setSchema(Schema.mergeSchemas(Schema.getDefaultStandardSchema(), accountLock()));
    config.setMaxSizeLimit(Integer.parseInt(options.getOrDefault("max-size-limit", "0")));
    return config;
  }

  /** nsAccountLock as Directory Server has it, so that an account can be disabled at the source. */
  private static Schema accountLock() throws Exception {
    AttributeTypeDefinition attribute =
        new AttributeTypeDefinition(
            "( 2.16.840.1.113730.3.1.610 NAME 'nsAccountLock' EQUALITY caseIgnoreMatch"
                + " SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )");
    ObjectClassDefinition objectClass =
        new ObjectClassDefinition(
            "( 2.16.840.1.113730.3.2.334 NAME 'nsAccount' SUP top AUXILIARY MAY nsAccountLock )");
    com.unboundid.ldap.sdk.Entry entry =
        new com.unboundid.ldap.sdk.Entry(
            "cn=schema",
            new com.unboundid.ldap.sdk.Attribute("objectClass", "top", "ldapSubentry", "subschema"),
            new com.unboundid.ldap.sdk.Attribute("attributeTypes", attribute.toString()),
            new com.unboundid.ldap.sdk.Attribute("objectClasses", objectClass.toString()));
    return new Schema(entry);
  }

  private static Map<String, String> options(String[] args) {
    Map<String, String> options = new HashMap<>();
    for (int i = 0; i + 1 < args.length; i += 2) options.put(args[i].replaceFirst("^--", ""), args[i + 1]);
    return options;
  }

  private static String required(Map<String, String> options, String name) {
    String value = options.get(name);
    if (value == null) throw new IllegalArgumentException("Missing --" + name);
    return value;
  }

  /** Writes the entries with their operational attributes, first beside the file and then over it. */
  private static final class Saver {
    private final InMemoryDirectoryServer server;
    private final Path file;
    private long savedChange = -1;

    Saver(InMemoryDirectoryServer server, Path file) {
      this.server = server;
      this.file = file;
    }

    synchronized void save() throws Exception {
      long change = server.createSnapshot().getLastChangeNumber();
      if (change == savedChange) return;
      Path next = file.resolveSibling(file.getFileName() + ".next");
      server.exportToLDIF(new LDIFWriter(next.toFile()), false, true, true);
      Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      savedChange = change;
    }

    void saveQuietly() {
      try {
        save();
      } catch (Exception problem) {
        System.err.println("The directory could not be saved to " + file + ": " + problem.getMessage());
      }
    }
  }
}
