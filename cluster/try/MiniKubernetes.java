import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapVolumeSource;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.server.mock.KubernetesMixedDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.ServerRequest;
import io.fabric8.mockwebserver.ServerResponse;
import io.fabric8.mockwebserver.dsl.HttpMethod;
import io.fabric8.mockwebserver.http.Buffer;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A Kubernetes of one node for Spark: the API server that fabric8 keeps for tests, and a kubelet that runs each pod as a
 * process. There is no scheduler and no authentication, the pods share the network of this machine, and nothing is limited.
 *
 * <pre>java MiniKubernetes.java PORT FOLDER IMAGE CONTAINER</pre>
 *
 * FOLDER has {@code image}, what the one image holds as lines "source target", and {@code claims}, a folder for each
 * volume claim; here comes {@code pods/NAME}, with {@code pod.yaml}, {@code log} and {@code pid}, and {@code hosts}, the
 * names of pods and services. CONTAINER is the program that runs a container: {@code CONTAINER MOUNTS ARGUMENT...}
 */
final class MiniKubernetes {
    private static final String NODE = "127.0.0.1";
    private static final String FINALIZER = "hopespark.org/kubelet";
    private static final Duration CONFIG_MAPS = Duration.ofSeconds(60);

    /** It logs every request. */
    private static final Logger REQUESTS = Logger.getLogger(MockWebServer.class.getName());

    private final KubernetesClient client;
    private final Path folder;
    private final String image;
    private final String container;
    private final Map<String, Process> running = new ConcurrentHashMap<>();
    private final Map<String, String> addresses = new ConcurrentHashMap<>();
    private final AtomicInteger lastAddress = new AtomicInteger(1);

    private MiniKubernetes(KubernetesClient client, Path folder, String image, String container) {
        this.client = client;
        this.folder = folder;
        this.image = image;
        this.container = container;
    }

    public static void main(String[] arguments) throws Exception {
        REQUESTS.setLevel(Level.WARNING);
        Map<ServerRequest, Queue<ServerResponse>> responses = new HashMap<>();
        KubernetesMockServer server = new KubernetesMockServer(
                new Context(), new MockWebServer(), responses, new Api(responses), false);
        server.init(InetAddress.getByName(NODE), Integer.parseInt(arguments[0]));
        new MiniKubernetes(server.createClient(), Path.of(arguments[1]), arguments[2], arguments[3]).watch();
        System.out.println("listening");
        Thread.currentThread().join();
    }

    /** What the mock lacks of an API server and Spark needs. */
    private static final class Api extends KubernetesMixedDispatcher {
        Api(Map<ServerRequest, Queue<ServerResponse>> responses) {
            super(responses);
        }

        @Override
        public MockResponse dispatch(RecordedRequest request) {
            String path = request.getPath().replaceFirst("\\?.*", "");
            if (request.method() == HttpMethod.PATCH && request.getPath().contains("fieldManager=")) {
                return apply(request, path);
            }
            if (request.method() == HttpMethod.POST && path.endsWith("/pods")) {
                return super.dispatch(with(request, HttpMethod.POST, path, accepted(request.getUtf8Body())));
            }
            return super.dispatch(request);
        }

        /** Server-side apply: creates an object or replaces it. */
        private MockResponse apply(RecordedRequest request, String path) {
            String body = request.getUtf8Body();
            boolean exists = super.dispatch(with(request, HttpMethod.GET, path, "")).code() == 200;
            return exists
                    ? super.dispatch(with(request, HttpMethod.PUT, path, body))
                    : super.dispatch(with(request, HttpMethod.POST, path.substring(0, path.lastIndexOf('/')), body));
        }

        /** A pod has a phase from the start, and stays until the kubelet says that its containers have ended. */
        private static String accepted(String pod) {
            return Serialization.asJson(new PodBuilder(Serialization.unmarshal(pod, Pod.class))
                    .editMetadata()
                    .addToFinalizers(FINALIZER)
                    .endMetadata()
                    .withNewStatus()
                    .withPhase("Pending")
                    .endStatus()
                    .build());
        }

        private static RecordedRequest with(RecordedRequest request, HttpMethod method, String path, String body) {
            return new RecordedRequest(
                    request.getHttpVersion(),
                    method,
                    path,
                    request.getHeaders(),
                    new Buffer(body.getBytes(StandardCharsets.UTF_8)));
        }
    }

    private void watch() throws IOException {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> running.values().forEach(Process::destroyForcibly)));
        addHost(NODE, "localhost");
        client.services().inAnyNamespace().inform(new Added<Service>() {
            @Override
            public void onAdd(Service service) {
                attempt(() -> name(service));
            }
        });
        client.pods().inAnyNamespace().inform(new Added<Pod>() {
            @Override
            public void onAdd(Pod pod) {
                new Thread(() -> attempt(() -> start(pod))).start();
            }

            @Override
            public void onUpdate(Pod before, Pod pod) {
                if (pod.isMarkedForDeletion() && !before.isMarkedForDeletion()) {
                    new Thread(() -> attempt(() -> end(pod))).start();
                }
            }
        });
    }

    private void name(Service service) throws IOException {
        String namespace = service.getMetadata().getNamespace();
        List<Pod> chosen = client.pods()
                .inNamespace(namespace)
                .withLabels(service.getSpec().getSelector())
                .list()
                .getItems();
        for (Pod pod : chosen) {
            addHost(address(pod), service.getMetadata().getName() + "." + namespace + ".svc");
        }
    }

    private void addHost(String address, String name) throws IOException {
        Files.writeString(
                folder.resolve("hosts"),
                address + " " + name + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    /** One of this machine for each pod: Spark takes what has the same for one host, with the same disk. */
    private String address(Pod pod) {
        return addresses.computeIfAbsent(pod.getMetadata().getName(), name -> "127.0.0." + lastAddress.incrementAndGet());
    }

    private abstract static class Added<T> implements ResourceEventHandler<T> {
        @Override
        public void onUpdate(T before, T object) {}

        @Override
        public void onDelete(T object, boolean isUnknown) {}
    }

    private interface Action {
        void run() throws Exception;
    }

    private static void attempt(Action action) {
        try {
            action.run();
        } catch (Exception e) {
            e.printStackTrace();
        }
    }

    private void start(Pod pod) throws Exception {
        String name = pod.getMetadata().getName();
        Path place = Files.createDirectories(folder.resolve("pods").resolve(name));
        Files.writeString(place.resolve("pod.yaml"), Serialization.asYaml(pod));
        Container only = pod.getSpec().getContainers().get(0);
        if (!only.getImage().equals(image)) {
            System.out.println(name + " waits for an image that is not here: " + only.getImage());
            return;
        }
        Files.copy(folder.resolve("image"), place.resolve("mounts"));
        for (VolumeMount mount : only.getVolumeMounts()) {
            Volume volume = pod.getSpec().getVolumes().stream()
                    .filter(each -> each.getName().equals(mount.getName()))
                    .findFirst()
                    .orElseThrow();
            String line = source(volume, pod, place) + " " + mount.getMountPath() + "\n";
            Files.writeString(place.resolve("mounts"), line, StandardOpenOption.APPEND);
        }
        List<String> command = new ArrayList<>(List.of(container, place.resolve("mounts").toString()));
        command.addAll(only.getArgs());
        addHost(address(pod), name);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(place.resolve("log").toFile());
        for (EnvVar variable : only.getEnv()) {
            builder.environment().put(variable.getName(), value(variable, pod));
        }
        // or Spark would take the one of the network, since the pod's is a loopback
        builder.environment().put("SPARK_LOCAL_IP", address(pod));
        Process process = builder.start();
        running.put(name, process);
        setStatus(pod, "Running", new ContainerStateBuilder().withNewRunning(now()).build());
        Files.writeString(place.resolve("pid"), process.pid() + "\n");
        System.out.println(name + " runs as " + process.pid());
        int exitCode = process.waitFor();
        System.out.println(name + " has ended with " + exitCode);
        running.remove(name);
        setStatus(
                pod,
                exitCode == 0 ? "Succeeded" : "Failed",
                new ContainerStateBuilder()
                        .withNewTerminated()
                        .withExitCode(exitCode)
                        .withReason(exitCode == 0 ? "Completed" : "Error")
                        .withFinishedAt(now())
                        .endTerminated()
                        .build());
        Pod last = resource(pod).get();
        if (last.isMarkedForDeletion()) {
            remove(last);
        }
    }

    private Path source(Volume volume, Pod pod, Path place) throws Exception {
        if (volume.getPersistentVolumeClaim() != null) {
            return folder.resolve("claims")
                    .resolve(volume.getPersistentVolumeClaim().getClaimName())
                    .toRealPath();
        }
        Path made = Files.createDirectories(place.resolve("volumes").resolve(volume.getName()));
        if (volume.getConfigMap() != null) {
            fill(made, volume.getConfigMap(), pod.getMetadata().getNamespace());
        } else if (volume.getEmptyDir() == null) {
            throw new IOException("a volume of a kind that is not known here: " + volume);
        }
        return made;
    }

    /** Spark makes a pod before its config maps. */
    private void fill(Path made, ConfigMapVolumeSource source, String namespace) throws IOException {
        ConfigMap map = client.configMaps()
                .inNamespace(namespace)
                .withName(source.getName())
                .waitUntilCondition(found -> found != null, CONFIG_MAPS.toSeconds(), TimeUnit.SECONDS);
        Map<String, String> paths = new HashMap<>();
        for (KeyToPath item : source.getItems()) {
            paths.put(item.getKey(), item.getPath());
        }
        for (Map.Entry<String, String> file : map.getData().entrySet()) {
            Files.writeString(made.resolve(paths.getOrDefault(file.getKey(), file.getKey())), file.getValue());
        }
    }

    private String value(EnvVar variable, Pod pod) {
        if (variable.getValueFrom() == null) {
            return variable.getValue() == null ? "" : variable.getValue();
        }
        String field = variable.getValueFrom().getFieldRef().getFieldPath();
        return switch (field) {
            case "status.podIP" -> address(pod);
            case "metadata.name" -> pod.getMetadata().getName();
            default -> throw new IllegalArgumentException("a field that is not known here: " + field);
        };
    }

    /** SIGTERM, the grace of the pod, SIGKILL. */
    private void end(Pod pod) throws Exception {
        String name = pod.getMetadata().getName();
        Process process = running.get(name);
        if (process == null) {
            remove(pod);
            return;
        }
        long grace = pod.getSpec().getTerminationGracePeriodSeconds();
        System.out.println(name + " is deleted, with a grace of " + grace + " s");
        process.destroy();
        CompletableFuture.delayedExecutor(grace, TimeUnit.SECONDS).execute(process::destroyForcibly);
    }

    private void remove(Pod pod) {
        resource(pod).edit(last -> new PodBuilder(last)
                .editMetadata()
                .removeFromFinalizers(FINALIZER)
                .endMetadata()
                .build());
    }

    private void setStatus(Pod pod, String phase, ContainerState state) {
        resource(pod).editStatus(last -> new PodBuilder(last)
                .withNewStatus()
                .withPhase(phase)
                .withPodIP(address(pod))
                .withHostIP(NODE)
                .addNewCondition()
                .withType("Ready")
                .withStatus(state.getRunning() == null ? "False" : "True")
                .endCondition()
                .addNewContainerStatus()
                .withName(last.getSpec().getContainers().get(0).getName())
                .withReady(state.getRunning() != null)
                .withState(state)
                .withRestartCount(0)
                .endContainerStatus()
                .endStatus()
                .build());
    }

    private PodResource resource(Pod pod) {
        return client.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName());
    }

    private static String now() {
        return Instant.now().toString();
    }
}
