// SPDX-License-Identifier: Apache-2.0
#include "raft/node/flight/flight.h"

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/crypto/digest.h"
#include "base/version.h"
#include "raft/core/core_archive.h"
#include "raft/storage/record/record_codec.h"

namespace microovn::raft {
namespace {

constexpr char kName[] = "microovn flight ";

std::string Title() { return absl::StrCat(kName, kVersion, "\n"); }

std::string DigestOf(absl::string_view bytes) {
  DigestBuilder digest;
  digest.Add(bytes);
  return digest.Finish();
}

void PutBytes(absl::string_view bytes, std::string* out) {
  absl::StrAppend(out, EncodeNumber(bytes.size()), bytes);
}

// Takes what PutBytes and EncodeNumber have put.
class Cursor {
 public:
  explicit Cursor(absl::string_view bytes) : rest_(bytes) {}

  uint64_t Number() {
    const auto number = DecodeNumber(rest_.substr(0, sizeof(uint64_t)));
    if (!number.ok()) {
      failed_ = true;
      return 0;
    }
    rest_.remove_prefix(sizeof(uint64_t));
    return *number;
  }
  absl::string_view Bytes() {
    const uint64_t size = Number();
    if (size > rest_.size()) {
      failed_ = true;
      return {};
    }
    const absl::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }

  bool failed() const { return failed_; }
  bool complete() const { return !failed_ && rest_.empty(); }

 private:
  absl::string_view rest_;
  bool failed_ = false;
};

absl::Status Damaged() { return absl::DataLossError("a damaged flight"); }

absl::StatusOr<FlightSegment> DecodeSegment(Cursor& cursor) {
  std::optional<RaftCore> core = DecodeCore(cursor.Bytes());
  if (!core.has_value()) return Damaged();
  FlightSegment segment{*std::move(core), {}, 0};
  for (uint64_t left = cursor.Number(); left > 0; --left) {
    const Time now(cursor.Number());
    std::optional<Input> input = DecodeInput(cursor.Bytes());
    if (cursor.failed() || !input.has_value()) return Damaged();
    segment.inputs.push_back({now, *std::move(input)});
  }
  return segment;
}

absl::StatusOr<absl::string_view> BodyOf(absl::string_view bytes) {
  const size_t end = bytes.find('\n');
  if (end == absl::string_view::npos ||
      bytes.substr(0, sizeof(kName) - 1) != kName) {
    return absl::DataLossError("not a flight");
  }
  // Another version steps otherwise, even where the bytes could be read.
  if (bytes.substr(0, end + 1) != Title()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the flight is of version ",
                     bytes.substr(sizeof(kName) - 1, end - sizeof(kName) + 1),
                     ", this is version ", kVersion));
  }
  if (bytes.size() < end + 1 + kDigestSize) return Damaged();
  const size_t checked = bytes.size() - kDigestSize;
  if (DigestOf(bytes.substr(0, checked)) != bytes.substr(checked)) {
    return Damaged();
  }
  return bytes.substr(end + 1, checked - end - 1);
}

bool SameFault(const std::optional<Fault>& a, const std::optional<Fault>& b) {
  if (!a.has_value() || !b.has_value()) return a.has_value() == b.has_value();
  return a->kind == b->kind && a->detail == b->detail;
}

}  // namespace

std::string EncodeFlight(const Flight& flight) {
  std::string out = Title();
  absl::StrAppend(&out, EncodeNumber(flight.segments.size()));
  for (const FlightSegment& segment : flight.segments) {
    PutBytes(EncodeCore(segment.core), &out);
    absl::StrAppend(&out, EncodeNumber(segment.inputs.size()));
    for (const RecordedInput& each : segment.inputs) {
      absl::StrAppend(&out, EncodeNumber(each.now.value()));
      PutBytes(EncodeInput(each.input), &out);
    }
  }
  absl::StrAppend(&out, EncodeNumber(flight.fault.has_value() ? 1 : 0));
  if (flight.fault.has_value()) {
    absl::StrAppend(&out,
                    EncodeNumber(static_cast<uint64_t>(flight.fault->kind)));
    PutBytes(flight.fault->detail, &out);
  }
  return absl::StrCat(out, DigestOf(out));
}

absl::StatusOr<Flight> DecodeFlight(absl::string_view bytes) {
  const absl::StatusOr<absl::string_view> body = BodyOf(bytes);
  if (!body.ok()) return body.status();
  Cursor cursor(*body);
  Flight flight;
  for (uint64_t left = cursor.Number(); left > 0; --left) {
    absl::StatusOr<FlightSegment> segment = DecodeSegment(cursor);
    if (!segment.ok()) return segment.status();
    flight.segments.push_back(*std::move(segment));
  }
  if (cursor.Number() != 0) {
    const auto kind = static_cast<FaultKind>(cursor.Number());
    flight.fault = Fault{kind, std::string(cursor.Bytes())};
  }
  if (!cursor.complete() || flight.segments.empty()) return Damaged();
  return flight;
}

absl::StatusOr<RaftCore> Replay(
    const Flight& flight,
    const std::function<void(const RecordedInput&, const Output&)>& seen) {
  if (flight.segments.empty()) return Damaged();
  RaftCore core = flight.segments.front().core;
  std::optional<Fault> fault;
  for (const FlightSegment& segment : flight.segments) {
    // Where one segment ends the next begins: a program that steps in another
    // way is found here, before it can mislead.
    if (!(core == segment.core)) {
      return absl::DataLossError("the replayed core is not the recorded one");
    }
    for (const RecordedInput& each : segment.inputs) {
      const Output output = core.Step(each.now, each.input);
      if (output.fault.has_value()) fault = output.fault;
      if (seen) seen(each, output);
    }
  }
  if (!SameFault(fault, flight.fault)) {
    return absl::DataLossError("the replay does not come to the same fault");
  }
  return core;
}

}  // namespace microovn::raft
