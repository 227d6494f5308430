// SPDX-License-Identifier: Apache-2.0
#include "raft/node/metrics/observers.h"

#include <pthread.h>

#include <utility>

namespace microovn::raft {

Observers::Observers() : thread_([this] { Run(); }) {
  pthread_setname_np(thread_.native_handle(), "raft-observer");
}

Observers::~Observers() { Stop(); }

void Observers::Add(Observer observer, NodeStatus now) {
  MutexLock lock(&mu_);
  observers_.push_back(std::make_shared<Observer>(std::move(observer)));
  news_.emplace_back(std::move(now), Listeners{observers_.back()});
  changed_.SignalAll();
}

void Observers::Notify(NodeStatus status) {
  MutexLock lock(&mu_);
  // With those that are there now: who is added later begins with its own first
  // news, and never hears older ones after it.
  news_.emplace_back(std::move(status), observers_);
  changed_.SignalAll();
}

void Observers::Stop() {
  {
    MutexLock lock(&mu_);
    stopped_ = true;
    changed_.SignalAll();
  }
  if (thread_.joinable()) thread_.join();
}

void Observers::Run() {
  for (;;) {
    std::pair<NodeStatus, Listeners> news;
    {
      MutexLock lock(&mu_);
      while (news_.empty() && !stopped_) changed_.Wait(&mu_);
      if (stopped_) return;
      news = std::move(news_.front());
      news_.pop_front();
    }
    for (const auto& observer : news.second) (*observer)(news.first);
  }
}

}  // namespace microovn::raft
