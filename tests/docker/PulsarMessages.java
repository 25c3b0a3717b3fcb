import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.pulsar.client.api.Consumer;
import org.apache.pulsar.client.api.Message;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.SubscriptionInitialPosition;

/** Sends messages of given sizes to a topic, or receives some, by Pulsar's own client; prints what each one is. */
public class PulsarMessages {
    public static void main(String[] told) throws Exception {
        try (PulsarClient client = PulsarClient.builder().serviceUrl("pulsar://127.0.0.1:6650").build()) {
            if (told[0].equals("send")) {
                send(client, told);
            } else {
                receive(client, told[1], Integer.parseInt(told[2]));
            }
        }
    }

    private static void send(PulsarClient client, String[] told) throws Exception {
        try (Producer<byte[]> producer = client.newProducer().topic(told[1]).producerName("unique_producer")
                .enableBatching(false).sendTimeout(0, TimeUnit.SECONDS).create()) {
            for (int index = 2; index < told.length; index++) {
                byte[] body = new byte[Integer.parseInt(told[index])];
                new Random((told[1] + told[index]).hashCode()).nextBytes(body);
                producer.send(body);
                System.out.println("message " + body.length + " " + digest(body));
            }
        }
    }

    private static void receive(PulsarClient client, String topic, int number) throws Exception {
        try (Consumer<byte[]> consumer = client.newConsumer().topic(topic).subscriptionName("unique")
                .subscriptionInitialPosition(SubscriptionInitialPosition.Earliest).receiverQueueSize(1).subscribe()) {
            for (int index = 0; index < number; index++) {
                Message<byte[]> got = consumer.receive(300, TimeUnit.SECONDS);
                if (got == null) {
                    throw new IllegalStateException("nothing more came");
                }
                consumer.acknowledge(got);
                System.out.println("message " + got.getData().length + " " + digest(got.getData()) + " "
                        + got.getReplicatedFrom());
            }
        }
    }

    private static String digest(byte[] body) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
    }
}
