package org.hopespark.data.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.hopespark.data.filter.Stage.Keep;
import org.hopespark.data.source.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PiiTest {
    private static final Stage STAGE = Outcomes.stage("pii");

    @Test
    void addressesAreReplacedInTurnAndAnewInEachDocument() {
        String text = "Ask ann@site.org, bob.b+x@mail.site.co.uk or c@d.ee at 8.8.8.8, 9.9.9.9.";
        String changed = "Ask email@example.com, firstname.lastname@example.org or email@example.com at 22.214.171.124,"
                + " 126.96.36.199.";
        assertThat(Outcomes.changed(STAGE, text)).isEqualTo(changed);
        assertThat(Outcomes.changed(STAGE, text)).isEqualTo(changed);
        assertThat(Outcomes.changed(Outcomes.stage("pii: {emails: false, ip-addresses: false}"), text))
                .isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.1",
                "10.255.255.255",
                "127.0.0.1",
                "192.168.1.1",
                "172.16.0.1",
                "172.31.255.255",
                "169.254.9.9",
                "100.64.0.1",
                "100.127.255.255",
                "0.1.2.3",
                "255.255.255.255",
                "240.0.0.1",
                "192.0.2.7",
                "198.51.100.1",
                "203.0.113.9",
                "198.18.0.1",
                "198.19.255.255",
                "256.1.1.1",
                "1.2.3",
                "1.2.3.4.5",
                "v1.2.3.4",
                "1.2.3.4567",
                "08.8.8.8",
                "1234.8.8.8",
                "8.8.8.8x",
                "2001:db8::8",
                "fe80::1",
                "::1",
                "2001::1",
                "20:15:30",
                "std::ab",
                "2a00:1450:4001:81b:0:0:0",
                "2a00::1::2",
                "2a00:14504::1",
                "2002:808:808::1",
                "2 is: x",
                "2:11: x",
                "2a00:"
            })
    void whatIsNotReachableFromEverywhereStays(String address) {
        assertThat(Outcomes.changed(STAGE, address)).isEqualTo(address);
        assertThat(Outcomes.changed(STAGE, "at " + address + ", so")).isEqualTo("at " + address + ", so");
    }

    @ParameterizedTest
    @CsvSource({
        "11.0.0.1, 22.214.171.124",
        "172.15.255.255, 22.214.171.124",
        "172.32.0.0, 22.214.171.124",
        "100.63.255.255, 22.214.171.124",
        "100.128.0.0, 22.214.171.124",
        "198.20.0.0, 22.214.171.124",
        "239.1.2.3, 22.214.171.124",
        "8.8.8.8:53, 22.214.171.124:53",
        "ip:8.8.8.8., ip:22.214.171.124.",
        "2a00:1450:4001:81b::200e, 2001:db8::1",
        "2606:4700:4700::1111:, 2001:db8::1:",
        "[2001:4860:4860:0:0:0:0:8888]:53, [2001:db8::1]:53",
    })
    void whatIsReachableFromEverywhereIsReplaced(String address, String replaced) {
        assertThat(Outcomes.changed(STAGE, address)).isEqualTo(replaced);
        assertThat(Outcomes.changed(STAGE, "(" + address + ")")).isEqualTo("(" + replaced + ")");
    }

    @Test
    void emailsAreThoseOfThePublishedPattern() {
        String local = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
        String label = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
        Pattern pattern = Pattern.compile(
                "\\b" + local + "(?:\\." + local + ")*@(?:" + label + "\\.)+" + label, Pattern.UNICODE_CHARACTER_CLASS);
        String[] pieces = {"a", "b1", ".", "@", "-", "_", "'", " ", "\u00e9", "Z", "!", "..", "x.y@z.org", "@a.b"};
        Random random = new Random(4);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int k = random.nextInt(16); k > 0; k--) {
                text.append(pieces[random.nextInt(pieces.length)]);
            }
            AtomicInteger turn = new AtomicInteger();
            String expected = pattern.matcher(text)
                    .replaceAll(match ->
                            turn.getAndIncrement() % 2 == 0 ? "email@example.com" : "firstname.lastname@example.org");
            assertThat(Outcomes.changed(STAGE, text.toString()))
                    .as(text.toString())
                    .isEqualTo(expected);
        }
    }

    @Test
    void whatHasNoAddressesStaysTheSameObject() {
        Document document = new Document("1", "Meet @noon. 3.14 is no address: 10.0.0.1", "test");
        assertThat(((Keep) STAGE.apply(document)).document()).isSameAs(document);
    }

    @Test
    void endlessLinesTakeOnePass() {
        for (String piece : new String[] {"@", "a@", "a.", "1.", "1.1.1.", "2a00:", "::", "x"}) {
            String text = piece.repeat(5_000_000 / piece.length());
            assertThat(Outcomes.changed(STAGE, text)).isEqualTo(text);
        }
    }
}
