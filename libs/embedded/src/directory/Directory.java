import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.listener.SearchEntryParer;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSearchRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryOperationInterceptor;
import com.unboundid.asn1.ASN1OctetString;
import com.unboundid.ldap.sdk.Attribute;
import com.unboundid.ldap.sdk.Control;
import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.Entry;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ReadOnlySearchRequest;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.RootDSE;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchResultEntry;
import com.unboundid.ldap.sdk.SearchScope;
import com.unboundid.ldap.sdk.controls.SimplePagedResultsControl;
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
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;

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

    Searches searches = new Searches();
    InMemoryDirectoryServerConfig config = configuration(options);
    config.addInMemoryOperationInterceptor(searches);
    InMemoryDirectoryServer server = new InMemoryDirectoryServer(config);
    searches.serve(server);
    if (Files.exists(saved)) server.importFromLDIF(true, saved.toFile());
    else if (options.containsKey("ldif")) server.importFromLDIF(true, new File(options.get("ldif")));

    Saver saver = null;
    if (Boolean.parseBoolean(options.getOrDefault("saved", "true"))) {
      saver = new Saver(server, saved);
      Runtime.getRuntime().addShutdownHook(new Thread(saver::saveQuietly));
      if (!Files.exists(saved)) saver.save();
    }
    server.startListening();
    System.out.println("ready " + server.getListenPort());
    System.out.flush();

    while (true) {
      Thread.sleep(SAVE_EVERY_MS);
      if (saver != null) saver.saveQuietly();
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
    Entry entry =
        new Entry(
            "cn=schema",
            new Attribute("objectClass", "top", "ldapSubentry", "subschema"),
            new Attribute("attributeTypes", attribute.toString()),
            new Attribute("objectClasses", objectClass.toString()));
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

  /**
   * The searches for which the in-memory server takes longer the more entries there are, answered as a directory with indexes does:
   * an entry by its name, a range of the change log by its numbers, and each further page of a paged search (RFC 2696).
   */
  private static final class Searches extends InMemoryOperationInterceptor {
    private static final int MOST_OPEN = 16;
    /** Changes of one search that are fetched by their numbers; for more, the server looks through its entries once. */
    private static final int MOST_BY_NUMBER = 500;
    /** Operational attributes as well. */
    private static final String[] ALL = {"*", "+"};

    private final Map<String, Queue<SearchResultEntry>> open =
        Collections.synchronizedMap(
            new LinkedHashMap<String, Queue<SearchResultEntry>>() {
              @Override
              protected boolean removeEldestEntry(Map.Entry<String, Queue<SearchResultEntry>> eldest) {
                return size() > MOST_OPEN;
              }
            });
    private InMemoryDirectoryServer server;
    private Schema schema;

    void serve(InMemoryDirectoryServer directory) throws LDAPException {
      server = directory;
      // The server would read and parse it anew at each call.
      schema = directory.getSchema();
    }

    @Override
    public void processSearchRequest(InMemoryInterceptedSearchRequest request) throws LDAPException {
      ReadOnlySearchRequest search = request.getRequest();
      Control paged = search.getControl(SimplePagedResultsControl.PAGED_RESULTS_OID);
      if (paged != null)
        throw answered(sendPage(request, search, new SimplePagedResultsControl(paged.getOID(), true, paged.getValue())));
      if (search.getScope() == SearchScope.BASE ? sendEntry(request, search) : sendChanges(request, search))
        throw answered();
    }

    /** An exception is the only result that keeps the server from going through its entries as well. */
    private static LDAPException answered(Control... controls) {
      return new LDAPException(ResultCode.SUCCESS, null, null, null, controls);
    }

    private Control sendPage(
        InMemoryInterceptedSearchRequest request, ReadOnlySearchRequest search, SimplePagedResultsControl paged)
        throws LDAPException {
      ASN1OctetString cookie = paged.getCookie();
      boolean first = cookie == null || cookie.getValueLength() == 0;
      Queue<SearchResultEntry> left = first ? evaluated(search) : open.remove(cookie.stringValue());
      if (left == null) throw new LDAPException(ResultCode.UNWILLING_TO_PERFORM, "The cookie of the page is not known.");
      for (int sent = 0; sent < paged.getSize() && !left.isEmpty(); sent += 1) request.sendSearchEntry(left.remove());
      String next = left.isEmpty() ? null : UUID.randomUUID().toString();
      if (next != null) open.put(next, left);
      return new SimplePagedResultsControl(left.size(), next == null ? null : new ASN1OctetString(next));
    }

    private Queue<SearchResultEntry> evaluated(ReadOnlySearchRequest search) throws LDAPException {
      SearchRequest whole = search.duplicate();
      whole.removeControl(SimplePagedResultsControl.PAGED_RESULTS_OID);
      return new ArrayDeque<>(server.search(whole).getSearchEntries());
    }

    /** Whether the search was for one entry by its name that is there, and is answered. */
    private boolean sendEntry(InMemoryInterceptedSearchRequest request, ReadOnlySearchRequest search)
        throws LDAPException {
      Entry entry = search.getBaseDN().isEmpty() ? null : server.getEntry(search.getBaseDN(), ALL);
      if (entry == null) return false;
      if (search.getFilter().matchesEntry(entry, schema))
        request.sendSearchEntry(parerOf(search).pareEntry(entry));
      return true;
    }

    private SearchEntryParer parerOf(ReadOnlySearchRequest search) {
      return new SearchEntryParer(search.getAttributeList(), schema);
    }

    /** Whether the search was for a short range of the change log, and is answered. */
    private boolean sendChanges(InMemoryInterceptedSearchRequest request, ReadOnlySearchRequest search)
        throws LDAPException {
      if (search.getScope() != SearchScope.ONE || !DN.equals(search.getBaseDN(), "cn=changelog")) return false;
      RootDSE dse = server.getRootDSE();
      Long firstChange = dse.getAttributeValueAsLong("firstChangeNumber");
      Long lastChange = dse.getAttributeValueAsLong("lastChangeNumber");
      Filter filter = search.getFilter();
      if (firstChange == null || lastChange == null || filter.getFilterType() != Filter.FILTER_TYPE_AND) return false;
      long from = firstChange;
      long to = lastChange;
      for (Filter part : filter.getComponents()) {
        if (!"changeNumber".equalsIgnoreCase(part.getAttributeName())) continue;
        if (part.getFilterType() == Filter.FILTER_TYPE_GREATER_OR_EQUAL)
          from = Math.max(from, Long.parseLong(part.getAssertionValue()));
        if (part.getFilterType() == Filter.FILTER_TYPE_LESS_OR_EQUAL)
          to = Math.min(to, Long.parseLong(part.getAssertionValue()));
      }
      if (to - from >= MOST_BY_NUMBER) return false;
      SearchEntryParer parer = parerOf(search);
      int sent = 0;
      for (long number = from; number <= to; number += 1) {
        Entry entry = server.getEntry("changeNumber=" + number + ",cn=changelog", ALL);
        if (entry == null || !filter.matchesEntry(entry, schema)) continue;
        if (search.getSizeLimit() > 0 && sent == search.getSizeLimit())
          throw new LDAPException(ResultCode.SIZE_LIMIT_EXCEEDED);
        request.sendSearchEntry(parer.pareEntry(entry));
        sent += 1;
      }
      return true;
    }
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
