package org.hopespark.jobs;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.apache.hadoop.conf.Configuration;

/** What the modules may know of each other and of the libraries below them. */
@AnalyzeClasses(packages = "org.hopespark", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String CONF = "org.hopespark.conf..";
    private static final String MODEL = "org.hopespark.model..";
    private static final String DATA = "org.hopespark.data..";
    private static final String CLUSTER = "org.hopespark.cluster..";
    private static final String JOBS = "org.hopespark.jobs..";
    private static final String CLI = "org.hopespark.cli..";
    private static final String SPARK = "org.apache.spark..";
    private static final String HADOOP = "org.apache.hadoop..";
    private static final String DJL = "ai.djl..";

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("org.hopespark.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule commandsAloneParseArguments = noClasses()
            .that()
            .resideOutsideOfPackage(CLI)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("picocli..", CLI);

    @ArchTest
    static final ArchRule commandsAlonePrint = noClasses()
            .that()
            .resideOutsideOfPackages(CLI, "org.hopespark.text..")
            .should(ACCESS_STANDARD_STREAMS);

    @ArchTest
    static final ArchRule confKnowsNobody = mayNotKnow(CONF, MODEL, DATA, CLUSTER, JOBS, SPARK, HADOOP, DJL);

    @ArchTest
    static final ArchRule modelKnowsNeitherDataSetsNorClusters = mayNotKnow(MODEL, DATA, CLUSTER, JOBS, SPARK, HADOOP);

    @ArchTest
    static final ArchRule dataKnowsNeitherModelsNorClusters =
            mayNotKnow(DATA, MODEL, CLUSTER, JOBS, SPARK, "ai.djl.ndarray..", "ai.djl.pytorch..");

    @ArchTest
    static final ArchRule clusterKnowsNeitherTensorsNorDataSets = mayNotKnow(CLUSTER, DATA, JOBS, DJL);

    @ArchTest
    static final ArchRule clusterMeetsSparkInOnePackage = noClasses()
            .that()
            .resideInAPackage(CLUSTER)
            .and()
            .resideOutsideOfPackage("org.hopespark.cluster.spark..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(SPARK);

    /**
     * Besides that class and what a page returns, pairs of Spark's Java API are Scala's, and so is the answer to
     * whether a session exists, and SparkBuild for the version of Scala.
     */
    @ArchTest
    static final ArchRule scalaIsSpokenInOneClass = noClasses()
            .that(belongTo(
                            nameMatching(
                                    "org.hopespark.(cluster.spark.(ScalaApi|RunPage)|cli.Main|jobs.prepare.LaneShuffle|jobs.corpus.SortedPairs|jobs.spark.SparkBuild|jobs.tokenizer.(TrainTokenizerJob|WordCounts))"))
                    .negate())
            .should()
            .dependOnClassesThat()
            .resideInAPackage("scala..");

    @ArchTest
    static final ArchRule oneClassIsTheDoorToTheEngine = noClasses()
            .that(belongTo(nameMatching("org.hopespark.model.Torch")).negate())
            .should()
            .dependOnClassesThat()
            .resideInAPackage("ai.djl.pytorch.jni..");

    /** What either of them gives has the application's spark.hadoop settings; Hadoop's own defaults have not. */
    @ArchTest
    static final ArchRule fileSystemsAreConfiguredInTwoPlaces = noClasses()
            .that(belongTo(nameMatching("org.hopespark.(jobs.spark.SparkSessions|cluster.spark.TaskHadoop)"))
                    .negate())
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("org.apache.spark.deploy.SparkHadoopUtil")
            .orShould()
            .callConstructor(Configuration.class);

    private static ArchRule mayNotKnow(String module, String... others) {
        return noClasses()
                .that()
                .resideInAPackage(module)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others);
    }
}
