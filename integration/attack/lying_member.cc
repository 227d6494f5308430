// SPDX-License-Identifier: Apache-2.0
// What a member that lies says to the log of all others for a while: messages
// of every kind with its certificate and key, near what they could believe and
// far from it, in its own name and in others'.
//
//   lying_member --cacert F --cert F --key F --seconds N --seed N
//       --term N --index N CLUSTER SELF HOST:PORT=ID...
//
// The ids are as identity.json has them; term and index are near the leader's.
// Prints what it has sent to each and how often it was shown the door:
//
//   HOST:PORT messages N streams N
//
// Exit status 1 when a member could not be reached at all: nothing was tried.
#include <chrono>
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/crypto/random.h"
#include "base/file/file.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "microovn/internal/raft/v1/raft.grpc.pb.h"

namespace microovn::integration {
namespace {

namespace raftpb = ::microovn::internal::raft::v1;

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// A lie, and then a look at whether the door is still open.
constexpr absl::Duration kPause = absl::Milliseconds(2);

struct Target {
  std::string address;
  std::string id;  // 16 bytes
};

struct Attack {
  grpc::SslCredentialsOptions tls;
  absl::Duration duration;
  uint64_t seed = 1;
  uint64_t term = 0;
  uint64_t index = 0;
  std::string cluster;
  std::string self;
  std::vector<Target> targets;
};

// One target's lies. Equal seeds, equal lies.
class Liar {
 public:
  Liar(const Attack& attack, const Target& target, uint64_t seed)
      : attack_(attack), target_(target), random_(seed) {}

  raftpb::Message Next() {
    raftpb::Message message;
    message.set_cluster_id(Rarely() ? Noise() : attack_.cluster);
    message.set_from(Rarely() ? Id() : attack_.self);
    message.set_to(Rarely() ? Id() : target_.id);
    message.set_incarnation(random_.Uniform(4));
    message.set_term(Near(attack_.term));
    const auto* body = raftpb::Message::descriptor()->FindOneofByName("body");
    const FieldDescriptor* kind = body->field(static_cast<int>(
        random_.Uniform(static_cast<uint64_t>(body->field_count()))));
    Fill(*message.GetReflection()->MutableMessage(&message, kind), 3);
    return message;
  }

 private:
  bool Rarely() { return random_.Uniform(10) == 0; }

  // What may be believed, what never may, and the ends of the range.
  uint64_t Near(uint64_t value) {
    switch (random_.Uniform(8)) {
      case 0:
        return 0;
      case 1:
        return ~uint64_t{0} - random_.Uniform(3);
      case 2:
        return value + 1'000'000;
      default:
        return value + 3 - random_.Uniform(6);
    }
  }
  uint64_t Number() {
    return Near(random_.Uniform(2) == 0 ? attack_.term : attack_.index);
  }
  std::string Noise() {
    std::string bytes(random_.Uniform(65), '\0');
    for (char& byte : bytes) byte = static_cast<char>(random_.Uniform(256));
    return bytes;
  }
  std::string Id() {
    const uint64_t drawn = random_.Uniform(attack_.targets.size() + 1);
    return drawn < attack_.targets.size() ? attack_.targets[drawn].id : Noise();
  }

  void Fill(Message& message, int depth) {
    const auto* reflection = message.GetReflection();
    const auto* type = message.GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      if (field->is_repeated()) {
        for (uint64_t n = random_.Uniform(3); n > 0 && depth > 0; --n) {
          Fill(*reflection->AddMessage(&message, field), depth - 1);
        }
      } else {
        FillOne(message, field, depth);
      }
    }
  }
  void FillOne(Message& message, const FieldDescriptor* field, int depth) {
    const auto* reflection = message.GetReflection();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_UINT64:
        reflection->SetUInt64(&message, field, Number());
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        reflection->SetBool(&message, field, random_.Uniform(2) == 0);
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        reflection->SetEnumValue(&message, field,
                                 static_cast<int>(random_.Uniform(5)));
        break;
      case FieldDescriptor::CPPTYPE_STRING:
        reflection->SetString(&message, field, Noise());
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (depth > 0 && random_.Uniform(8) > 0) {
          Fill(*reflection->MutableMessage(&message, field), depth - 1);
        }
        break;
      default:
        break;
    }
  }

  const Attack& attack_;
  const Target& target_;
  SeededRandom random_;
};

struct Count {
  uint64_t messages = 0;
  uint64_t streams = 0;
};

// Lies to one member until `end`, over one stream after the other.
Count Lie(const Attack& attack, const Target& target, uint64_t seed,
          absl::Time end) {
  Liar liar(attack, target, seed);
  Count count;
  const auto stub = raftpb::RaftService::NewStub(
      grpc::CreateChannel(target.address, grpc::SslCredentials(attack.tls)));
  while (absl::Now() < end) {
    grpc::ClientContext context;
    context.AddMetadata("microovn-raft-protocols", "1-1");
    context.set_deadline(absl::ToChronoTime(end + absl::Seconds(1)));
    const auto stream = stub->Deliver(&context);
    ++count.streams;
    while (absl::Now() < end) {
      raftpb::DeliverRequest request;
      *request.add_messages() = liar.Next();
      if (!stream->Write(request)) break;
      ++count.messages;
      absl::SleepFor(kPause);
    }
    context.TryCancel();
    stream->Finish();
    absl::SleepFor(kPause);
  }
  return count;
}

int Run(const Attack& attack) {
  std::vector<Count> counts(attack.targets.size());
  std::vector<std::thread> threads;
  const absl::Time end = absl::Now() + attack.duration;
  for (size_t i = 0; i < attack.targets.size(); ++i) {
    threads.emplace_back([&, i] {
      counts[i] = Lie(attack, attack.targets[i], attack.seed + i, end);
    });
  }
  for (std::thread& thread : threads) thread.join();
  int status = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    std::cout << attack.targets[i].address << " messages " << counts[i].messages
              << " streams " << counts[i].streams << "\n";
    if (counts[i].messages == 0) status = 1;
  }
  return status;
}

bool ReadInto(const std::string& path, std::string& text) {
  auto read = ReadFile(path);
  if (!read.ok()) std::cerr << read.status() << "\n";
  if (read.ok()) text = *std::move(read);
  return read.ok();
}

bool Parse(const std::map<std::string, std::string>& flags,
           const std::vector<std::string>& words, Attack& attack) {
  const auto number = [&flags](const char* name, uint64_t& value) {
    const auto flag = flags.find(name);
    return flag != flags.end() && absl::SimpleAtoi(flag->second, &value);
  };
  uint64_t seconds = 0;
  if (words.size() < 3 || !number("--seconds", seconds) ||
      !number("--seed", attack.seed) || !number("--term", attack.term) ||
      !number("--index", attack.index)) {
    return false;
  }
  attack.duration = absl::Seconds(seconds);
  attack.cluster = absl::HexStringToBytes(words[0]);
  attack.self = absl::HexStringToBytes(words[1]);
  for (size_t i = 2; i < words.size(); ++i) {
    const std::vector<std::string> parts = absl::StrSplit(words[i], '=');
    if (parts.size() != 2) return false;
    attack.targets.push_back({parts[0], absl::HexStringToBytes(parts[1])});
  }
  const auto file = [&flags](const char* name, std::string& text) {
    const auto flag = flags.find(name);
    return flag != flags.end() && ReadInto(flag->second, text);
  };
  return file("--cacert", attack.tls.pem_root_certs) &&
         file("--cert", attack.tls.pem_cert_chain) &&
         file("--key", attack.tls.pem_private_key);
}

}  // namespace
}  // namespace microovn::integration

int main(int argc, char** argv) {
  std::map<std::string, std::string> flags;
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.rfind("--", 0) == 0 && i + 1 < argc) {
      flags[word] = argv[++i];
    } else {
      words.push_back(word);
    }
  }
  microovn::integration::Attack attack;
  if (!microovn::integration::Parse(flags, words, attack)) {
    std::cerr << "usage: lying_member --cacert F --cert F --key F --seconds N "
                 "--seed N --term N --index N CLUSTER SELF HOST:PORT=ID...\n";
    return 2;
  }
  return microovn::integration::Run(attack);
}
