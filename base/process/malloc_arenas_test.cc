// SPDX-License-Identifier: Apache-2.0
#include "base/process/malloc_arenas.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/mutex.h"
#include "gtest/gtest.h"

namespace microovn {
namespace {

// malloc_info(3) has an element <heap nr="N"> for each arena.
std::string DescribeHeaps() {
  char* text = nullptr;
  size_t size = 0;
  FILE* const file = open_memstream(&text, &size);
  malloc_info(0, file);
  fclose(file);
  std::string description(text, size);
  free(text);
  return description;
}

TEST(MallocArenas, ManyThreadsShareTwo) {
  constexpr int kThreads = 8;
  LimitMallocArenas();
  Mutex mu;
  CondVar changed;
  int ready = 0;
  std::vector<std::unique_ptr<std::string>> kept(kThreads);
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      kept[static_cast<size_t>(i)] = std::make_unique<std::string>(1000, 'x');
      // All of them at once, so that none takes over an ended one's arena.
      MutexLock lock(&mu);
      ++ready;
      changed.SignalAll();
      while (ready < kThreads) changed.Wait(&mu);
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string heaps = DescribeHeaps();
  EXPECT_TRUE(absl::StrContains(heaps, "<heap nr=\"1\">")) << heaps;
  EXPECT_FALSE(absl::StrContains(heaps, "<heap nr=\"2\">")) << heaps;
}

}  // namespace
}  // namespace microovn
