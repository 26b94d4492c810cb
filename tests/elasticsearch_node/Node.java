import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.plugins.PluginsLoader;

/** One real Elasticsearch node from Elastic's own jars: Node HOME DATA HTTP_PORT [setting=value ...] */
public class Node {
    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]).toAbsolutePath();
        Path data = Files.createDirectories(Path.of(args[1]).toAbsolutePath());
        System.setProperty("es.path.home", home.toString());
        System.setProperty("es.logs.base_path", data.toString());
        System.setProperty("es.logs.cluster_name", "node");
        LogConfigurator.loadLog4jPlugins();
        LogConfigurator.setNodeName("node-" + args[2]);
        LogConfigurator.configureESLogging();

        Settings.Builder settings = Settings.builder()
            .put("path.home", home)
            .put("path.data", data)
            .put("path.logs", data.resolve("logs"))
            .put("network.host", "127.0.0.1")
            .put("http.port", args[2])
            .put("node.name", "node-" + args[2])
            .put("cluster.routing.allocation.disk.threshold_enabled", false);
        for (int i = 3; i < args.length; i++) {
            String[] pair = args[i].split("=", 2);
            if (pair[1].contains(",")) settings.putList(pair[0], pair[1].split(","));
            else settings.put(pair[0], pair[1]);
        }

        Environment env = new Environment(settings.build(), home.resolve("config"));
        PluginsLoader plugins = PluginsLoader.createPluginsLoader(
            PluginsLoader.loadModulesBundles(env.modulesDir()),
            PluginsLoader.loadPluginsBundles(env.pluginsDir()),
            Map.of(), false);
        var node = new org.elasticsearch.node.Node(env, plugins);
        node.start();
        var stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try { node.close(); } catch (Exception e) { e.printStackTrace(); }
            stopped.countDown();
        }));
        stopped.await();
    }
}
