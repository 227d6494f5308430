// SPDX-License-Identifier: Apache-2.0
// One question to systemd over D-Bus, with the time that is left for it, and
// the answers' owners.
//
// Used by the driver under its lock. Not thread-safe, as an sd_bus is not.
#ifndef MICROOVN_SUPERVISOR_SYSTEMD_BUS_QUESTION_H_
#define MICROOVN_SUPERVISOR_SYSTEMD_BUS_QUESTION_H_

#include <systemd/sd-bus.h>

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace microovn::supervisor {

inline constexpr char kSystemd[] = "org.freedesktop.systemd1";

// Whether an error on the bus says only that there was no answer.
bool IsSilence(int result);

// Makes the next question on the bus end by the deadline, on
// Clock::Monotonic(); UNAVAILABLE when that is over.
absl::Status LimitQuestion(sd_bus* bus, absl::Duration deadline);

// sd_bus_error(3): freed by whoever declared it, set or not.
class BusError {
 public:
  ~BusError() { sd_bus_error_free(&error_); }
  sd_bus_error* get() { return &error_; }
  const sd_bus_error& operator*() const { return error_; }

 private:
  sd_bus_error error_ = SD_BUS_ERROR_NULL;
};

class Message {
 public:
  ~Message() { sd_bus_message_unref(message_); }
  // Once only; a second reply would leak the first.
  sd_bus_message** out() { return &message_; }
  sd_bus_message* get() const { return message_; }

 private:
  sd_bus_message* message_ = nullptr;
};

// Reads properties of one unit until the deadline; after a failure it reads no
// more.
class PropertyReader {
 public:
  PropertyReader(sd_bus* bus, std::string path, absl::Duration deadline)
      : bus_(bus), path_(std::move(path)), deadline_(deadline) {}

  template <typename T>
  T Number(const char* interface, const char* name, char type) {
    T value = 0;
    if (!MayAsk()) return value;
    result_ =
        sd_bus_get_property_trivial(bus_, kSystemd, path_.c_str(), interface,
                                    name, error_.get(), type, &value);
    return value;
  }
  std::string Text(const char* interface, const char* name);
  // The property Job is a pair of an id and a path.
  uint32_t Job();

  int result() const { return result_; }
  const sd_bus_error& error() const { return *error_; }

 private:
  bool MayAsk();

  sd_bus* const bus_;
  const std::string path_;
  const absl::Duration deadline_;
  BusError error_;
  int result_ = 0;
};

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_SYSTEMD_BUS_QUESTION_H_
